namespace Aegis.SemanticKernel;

/// <summary>How the items of a stream are read and made.</summary>
/// <typeparam name="T">The items.</typeparam>
/// <param name="Read">The text of an item.</param>
/// <param name="Make">An item with this text and, where it is known, everything that is no text of another one.</param>
internal sealed record StreamShape<T>(Func<T, string> Read, Func<string, T?, T> Make);
