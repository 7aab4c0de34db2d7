namespace Aegis.Scanning.Rules;

/// <summary>A part of a pattern, on canonical characters.</summary>
internal abstract record PatternNode
{
    /// <summary>One character.</summary>
    internal sealed record Literal : PatternNode
    {
        private static readonly Literal?[] Known = new Literal?[char.MaxValue + 1];

        private Literal(char character) => Character = character;

        public char Character { get; }

        /// <summary>The one literal of a character: patterns consist of little else.</summary>
        public static Literal Of(char character) => Known[character] ??= new(character);
    }

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
    internal sealed record Repeat(PatternNode Part, int From, int To) : PatternNode
    {
        /// <summary>As often as one likes; only for patterns of Aegis' own that one walks from where they begin.</summary>
        public const int Endless = int.MaxValue;
    }
}
