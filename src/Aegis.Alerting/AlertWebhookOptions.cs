namespace Aegis;

/// <summary>How alerts are sent.</summary>
public sealed record AlertWebhookOptions
{
    /// <summary>How long one try may take, connecting included; 100 milliseconds to 60 seconds. All tries together take two minutes at most.</summary>
    /// <value>10 seconds.</value>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often it is tried again when the receiver is away, too slow, busy (408, 429) or broken (5xx); 0 to 5. The first pause is a second, each next one twice as long, each with jitter.</summary>
    /// <value>3.</value>
    public int MaxRetries { get; init; } = 3;

    /// <summary>Whether receivers on this machine may be addressed, over http too: for tests, and for a receiver of yours beside the app. No policy can say it.</summary>
    /// <value><see langword="false"/>.</value>
    public bool AllowLoopback { get; init; }

    /// <summary>The same, if it makes sense.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    internal AlertWebhookOptions Checked() =>
        Timeout < TimeSpan.FromMilliseconds(100) || Timeout > TimeSpan.FromSeconds(60) ? throw new ArgumentOutOfRangeException(nameof(Timeout), "A try takes 100 milliseconds to 60 seconds.")
        : MaxRetries is < 0 or > 5 ? throw new ArgumentOutOfRangeException(nameof(MaxRetries), "It is tried again 0 to 5 times.")
        : this;
}
