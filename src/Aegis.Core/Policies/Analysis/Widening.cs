namespace Aegis.Policies.Analysis;

/// <summary>Something that a policy allows and another one does not, or that could not be shown not to be so.</summary>
/// <param name="Path">The member.</param>
/// <param name="Reason">What is wider, in words.</param>
internal readonly record struct Widening(string Path, string Reason);
