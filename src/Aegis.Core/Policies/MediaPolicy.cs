namespace Aegis.Policies;

/// <summary>Which pictures, recordings and documents may enter, where an <see cref="Media.ITextExtractor"/> reads them. Without one they are what <see cref="InputPolicy.UnknownContent"/> says.</summary>
public sealed record MediaPolicy
{
    /// <summary>Bytes of one piece of media, decoded, at most.</summary>
    /// <value>10,485,760 (10 MiB).</value>
    public int MaxSize { get; init; } = 10_485_760;

    /// <summary>Globs over media types. Parameters and case do not count.</summary>
    /// <value><c>image/*</c>, <c>audio/*</c>, <c>application/pdf</c>.</value>
    public IReadOnlyList<string> Types { get; init; } = ["image/*", "audio/*", "application/pdf"];

    /// <summary>The confidence of a reading below which it raises the risk: by 0.3 just below, by up to 0.79 when nothing could be read; from 0 (never) to 1.</summary>
    /// <value>0.5.</value>
    public double MinConfidence { get; init; } = 0.5;
}
