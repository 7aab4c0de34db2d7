namespace Aegis.Tools;

/// <summary>One value of a call's arguments.</summary>
/// <param name="Argument">The argument that it is part of.</param>
/// <param name="Name">The name that stands next to it: its own, or that of the list that it is in.</param>
/// <param name="Path">Where it stands, for people.</param>
/// <param name="Value">The value; numbers as they were written.</param>
/// <param name="IsText">Whether it is a string.</param>
internal readonly record struct ArgumentLeaf(string Argument, string Name, string Path, string Value, bool IsText)
{
    /// <summary>The names on the way to it; null for an item of a list.</summary>
    public required IReadOnlyList<string?> Steps { get; init; }

    /// <summary>Whether it is the name of a member, which a call may say something with as well.</summary>
    public bool IsKey { get; init; }
}
