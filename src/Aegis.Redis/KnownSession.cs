namespace Aegis;

/// <summary>What this instance knows of a session.</summary>
/// <param name="State">The state.</param>
/// <param name="Stamp">Which writing of it.</param>
/// <param name="At">When Redis confirmed it, as a timestamp.</param>
/// <param name="Epoch">In which epoch of the listener.</param>
/// <param name="Expires">When Redis forgets it by itself; null: never.</param>
internal sealed record KnownSession(SessionState State, Stamp Stamp, long At, int Epoch, DateTimeOffset? Expires)
{
    /// <summary>Who has written it until then.</summary>
    public required Lineage Lineage { get; init; }

    /// <summary>Whether another instance has said that its lock is another one.</summary>
    public bool IsOutdated { get; init; }

    /// <summary>Whether Redis has lost something of it, so that it must be written.</summary>
    public bool IsLost { get; init; }

    /// <summary>The highest number that any writing had.</summary>
    public long Highest { get; init; } = Stamp.Number;
}
