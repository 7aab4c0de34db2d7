namespace Aegis.Scanning.Rules;

/// <summary>One attack pattern that proves itself: its examples are part of it.</summary>
internal sealed record Rule(string Id, string Category, double Risk, int Checkpoints, Pattern Pattern)
{
    /// <summary>Canonical texts by which a turned text is noticed, and near which a pattern that names no word is tried; none: such a pattern is always tried.</summary>
    public IReadOnlyList<string> Keywords { get; init; } = [];

    public IReadOnlyList<string> Owasp { get; init; } = [];

    public IReadOnlyList<string> Atlas { get; init; } = [];

    /// <summary>Texts that it must match.</summary>
    public IReadOnlyList<string> Match { get; init; } = [];

    /// <summary>Texts that it must not match.</summary>
    public IReadOnlyList<string> Pass { get; init; } = [];

    public bool RunsAt(Checkpoint checkpoint) => (Checkpoints & Mask(checkpoint)) != 0;

    public static int Mask(Checkpoint checkpoint) => 1 << (int)checkpoint;
}
