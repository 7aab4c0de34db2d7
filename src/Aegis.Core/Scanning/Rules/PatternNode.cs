namespace Aegis.Scanning.Rules;

/// <summary>A part of a pattern, on canonical characters.</summary>
internal abstract record PatternNode
{
    /// <summary>One character.</summary>
    internal sealed record Literal(char Character) : PatternNode;

    /// <summary>A class with a name: <c>s S d D w W</c>.</summary>
    internal sealed record Set(char Name) : PatternNode;

    /// <summary>One of several characters, or none of them.</summary>
    internal sealed record Class(bool IsNegated, IReadOnlyList<(char From, char To)> Ranges, string Sets) : PatternNode;

    /// <summary>Any character but a line break.</summary>
    internal sealed record Any : PatternNode;

    /// <summary>A word's edge.</summary>
    internal sealed record Edge : PatternNode;

    /// <summary>One after the other.</summary>
    internal sealed record Sequence(IReadOnlyList<PatternNode> Parts) : PatternNode;

    /// <summary>One of them.</summary>
    internal sealed record Choice(IReadOnlyList<PatternNode> Options) : PatternNode;

    /// <summary>The same several times.</summary>
    internal sealed record Repeat(PatternNode Part, int From, int To) : PatternNode;
}
