using Microsoft.Extensions.AI;

namespace Aegis.Testing;

/// <summary>How an attack is run.</summary>
public sealed record RedTeamOptions
{
    /// <summary>The suites to run, by name: see <see cref="RedTeam.Suites"/>.</summary>
    /// <value>Empty: all.</value>
    public IReadOnlyList<string> Suites { get; init; } = [];

    /// <summary>Suites of your own, as JSON documents, run beside the others.</summary>
    /// <value>None.</value>
    public IReadOnlyList<string> OwnSuites { get; init; } = [];

    /// <summary>Where the search begins. The same seed, policy and budget find the same.</summary>
    /// <value>1.</value>
    public int Seed { get; init; } = 1;

    /// <summary>Tries of the search, beyond each case as it stands; 0 searches nothing.</summary>
    /// <value>4,000.</value>
    public int Budget { get; init; } = 4_000;

    /// <summary>What got through before, as <see cref="RedTeamBypass.ToRegression"/> writes it: tried again first.</summary>
    /// <value>None.</value>
    public IReadOnlyList<string> Regressions { get; init; } = [];

    /// <summary>What the app gives its guard: a judge, guards and rule packs of its own. Called for each try, on several threads.</summary>
    /// <value><see langword="null"/>: nothing.</value>
    public Action<AegisBuilder>? Configure { get; init; }

    /// <summary>The app's own pipeline around the model and the guard. Called for each try, on several threads; what it makes is disposed.</summary>
    /// <value><see langword="null"/>: <c>UseAegisFunctionInvocation</c>.</value>
    public Func<RedTeamSetup, IChatClient>? Pipeline { get; init; }

    /// <summary>Hears how far the run is: tries that are over, of all that it may take. Called in order.</summary>
    /// <value><see langword="null"/>: nobody.</value>
    public IProgress<double>? Progress { get; init; }
}
