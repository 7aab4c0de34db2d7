namespace Aegis.Policies.Analysis;

/// <summary>Something in a policy that is no mistake, and does not do what it looks like.</summary>
/// <param name="Code">A stable code.</param>
/// <param name="Path">The member.</param>
/// <param name="Message">What it does instead.</param>
/// <param name="Place">Where a document says it; default: none does.</param>
internal readonly record struct PolicyNote(string Code, string Path, string Message, Documents.DocumentPosition Place = default);
