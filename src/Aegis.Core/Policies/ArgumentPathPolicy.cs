namespace Aegis.Policies;

/// <summary>
/// Which files an argument may name. Judged as every reader may take it: with <c>..</c>, doubled separators and percent-encoding resolved; a path
/// that is inside for one reader and outside for another is outside. Links on the disk are not followed.
/// </summary>
public sealed record ArgumentPathPolicy
{
    /// <summary>Folders that it must be in: <c>/srv/data</c>, <c>C:\data</c> or <c>\\server\share</c>, all of one kind.</summary>
    /// <value><see langword="null"/>: anywhere.</value>
    public IReadOnlyList<string>? Under { get; init; }

    /// <summary>Where a relative path starts.</summary>
    /// <value><see langword="null"/>: a relative path is refused.</value>
    public string? Base { get; init; }

    /// <summary>Globs; case does not count, look-alikes match. One with a separator is over the whole path, one without over each name in it; what is in a denied folder is denied.</summary>
    /// <value>None.</value>
    public IReadOnlyList<string> Deny { get; init; } = [];
}
