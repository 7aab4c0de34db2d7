namespace Aegis;

/// <summary>How sessions are kept in Redis.</summary>
public sealed record RedisSessionOptions
{
    private const int MinKey = 32;

    /// <summary>What the names of all keys begin with. Services that share budgets and locks share it; others must not.</summary>
    /// <value><c>aegis:</c>.</value>
    public string Prefix { get; init; } = "aegis:";

    /// <summary>How long an answer may take, retries included, before the store has failed and the inspection blocks. Whoever waits behind others waits a tenth longer.</summary>
    /// <value>80 milliseconds.</value>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMilliseconds(80);

    /// <summary>How long what this instance knows of a session counts without asking, while it hears of the locks that others set; and how long it counts when Redis cannot be reached.</summary>
    /// <value>60 seconds. Zero asks every time.</value>
    public TimeSpan KnownFor { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long an unused session is kept, at least. What counts longer (a window, a lock, a run) keeps it longer; a lock without an end keeps it until it is released.</summary>
    /// <value>7 days.</value>
    public TimeSpan TimeToLive { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Sessions that this instance knows without asking, at most.</summary>
    /// <value>100,000.</value>
    public int Capacity { get; init; } = 100_000;

    /// <summary>A secret of 32 bytes or more, the same at all instances, with which every session is signed (HMAC-SHA-256). Then nobody who can write to Redis can make one up or give a session the state of another; the state that the same session had before can be put back.</summary>
    /// <value>Empty: whoever can write to Redis decides about sessions.</value>
    public ReadOnlyMemory<byte> Key { get; init; }

    /// <summary>The same, if it makes sense.</summary>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    internal RedisSessionOptions Checked(string parameter = "options")
    {
        return Prefix is null ? throw Wrong(nameof(Prefix), "is null; the default is 'aegis:'")
            : Timeout <= TimeSpan.Zero ? throw Wrong(nameof(Timeout), "is not positive; the default is 80 milliseconds")
            : KnownFor < TimeSpan.Zero || KnownFor > TimeSpan.FromHours(1) ? throw Wrong(nameof(KnownFor), "is not between 0 and an hour; zero asks every time")
            : TimeToLive < TimeSpan.FromMinutes(1) ? throw Wrong(nameof(TimeToLive), "is shorter than a minute; the default is 7 days")
            : Capacity < 16 ? throw Wrong(nameof(Capacity), "is below 16; the default is 100,000")
            : !Key.IsEmpty && Key.Length < MinKey ? throw Wrong(nameof(Key), FormattableString.Invariant($"has less than {MinKey} bytes; make one with RandomNumberGenerator.GetBytes({MinKey}), or leave it empty"))
            : this;

        ArgumentException Wrong(string option, string why) => new($"{nameof(RedisSessionOptions)}.{option} {why}.", parameter);
    }
}
