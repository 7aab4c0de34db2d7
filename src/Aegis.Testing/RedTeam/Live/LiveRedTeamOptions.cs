namespace Aegis.Testing;

/// <summary>How a live target is attacked, and by what its answers are judged.</summary>
public sealed record LiveRedTeamOptions
{
    /// <summary>The suites to run, by name: see <see cref="RedTeam.Suites"/>.</summary>
    /// <value>Empty: all.</value>
    public IReadOnlyList<string> Suites { get; init; } = [];

    /// <summary>Suites of your own, as JSON documents, run beside the others.</summary>
    /// <value>None.</value>
    public IReadOnlyList<string> OwnSuites { get; init; } = [];

    /// <summary>Values that the target knows and must keep, four characters or more each; a canary planted in its instructions serves best. Looked for in every answer: as they are, without what stands between their letters, reversed, in ROT13, Base64, hexadecimal, percent-encoded or as HTML entities.</summary>
    /// <value>None: nobody can say whether something leaked.</value>
    public IReadOnlyList<string> Secrets { get; init; } = [];

    /// <summary>Texts that the target says only where it has obeyed; case does not count. By nothing else, short of a judge, are answers judged whose harm is what they say.</summary>
    /// <value>None: of such attacks nobody can say whether they were held off, unless the answer is to the letter what the suite expects.</value>
    public IReadOnlyList<string> TellTales { get; init; } = [];

    /// <summary>The environment variable that holds the key, which is sent as a bearer token and shown nowhere.</summary>
    /// <value><see langword="null"/>: none is sent.</value>
    public string? ApiKeyVariable { get; init; }

    /// <summary>Time for one request, at most.</summary>
    /// <value>60 seconds.</value>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Times that a request is sent again which was not answered, or with 408, 429 or 5xx.</summary>
    /// <value>2.</value>
    public int Retries { get; init; } = 2;

    /// <summary>Time before the first of them; doubled before each other.</summary>
    /// <value>1 second.</value>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Conversations at the same time.</summary>
    /// <value>2.</value>
    public int Concurrency { get; init; } = 2;

    /// <summary>Hears how far the run is, 0 to 1. Called in order.</summary>
    /// <value><see langword="null"/>: nobody.</value>
    public IProgress<double>? Progress { get; init; }
}
