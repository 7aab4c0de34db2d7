namespace Aegis.Scanning.Rules;

/// <summary>Chains that may end where a keyword does.</summary>
/// <param name="Before">The texts of the link before, of which one must stand near; <see cref="ChainIndex.None"/>: the chains have one link.</param>
/// <param name="Group">The chains, in the <see cref="ChainIndex"/>.</param>
/// <param name="Gap">The most characters from where one of those texts ends to where the keyword does.</param>
/// <param name="Edges">Which of the keyword's ends must be words' edges.</param>
internal readonly record struct ChainEnd(int Before, int Group, short Gap, byte Edges);
