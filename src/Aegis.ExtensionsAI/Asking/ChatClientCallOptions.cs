namespace Aegis;

/// <summary>How a chat client that helps a guard is called.</summary>
public abstract record ChatClientCallOptions
{
    private protected ChatClientCallOptions(int maxOutputTokens) => MaxOutputTokens = maxOutputTokens;

    /// <summary>The model.</summary>
    /// <value><see langword="null"/>: the client's own.</value>
    public string? ModelId { get; init; }

    /// <summary>Tokens of an answer, at most, from 50. A model that thinks first needs more.</summary>
    /// <value>250 for a judge, 2,000 for an extractor.</value>
    public int MaxOutputTokens { get; init; }

    /// <summary>How often a call that failed on its way is made again, 0 to 5, while there is time: behind 100 milliseconds, then twice as long. A malformed answer is nothing that failed on its way.</summary>
    /// <value>1.</value>
    public int Retries { get; init; } = 1;

    /// <summary>Share of failed calls, above 0 and up to 1, from which nobody is asked for a while. It counts from 10 calls in 30 seconds on.</summary>
    /// <value>0.5.</value>
    public double BreakAt { get; init; } = 0.5;

    /// <summary>For how long nobody is asked then, from half a second to a day.</summary>
    /// <value>15 seconds.</value>
    public TimeSpan BreakFor { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>The clock for pauses and breaks.</summary>
    /// <value>The system's.</value>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
