namespace AheadOfTime;

/// <summary>What a tool returns.</summary>
internal sealed record Note(string Title, string Text);
