using System.Collections.Concurrent;
using Aegis.Policies;

namespace Aegis.Testing.RedTeaming;

/// <summary>One run: what got through before, every case as it stands, the search; then what got through is made small, and asked what would have stopped it.</summary>
internal sealed class RedTeamRun : IDisposable
{
    private const int ShrinkingTries = 6_000;   // for all that got through; where it is much, it is a hole as large as a door
    private const int LeastShrinking = 30;
    private const int MostShrinking = 160;

    private readonly AegisPolicy _policy;
    private readonly RedTeamOptions _options;
    private readonly IReadOnlyList<RedTeamSuite> _suites;
    private readonly CancellationToken _cancellationToken;
    private readonly Stage _stage;
    private readonly ConcurrentDictionary<string, Lazy<Stage>> _remedied = new(StringComparer.Ordinal);
    private int _tries;

    public RedTeamRun(AegisPolicy policy, RedTeamOptions options, IReadOnlyList<RedTeamSuite> suites, CancellationToken cancellationToken)
    {
        (_policy, _options, _suites, _cancellationToken) = (policy, options, suites, cancellationToken);
        _stage = new(policy, options);
    }

    public void Dispose()
    {
        _stage.Dispose();
        foreach (var stage in _remedied.Values)
        {
            stage.Value.Dispose();
        }
    }

    public async Task<RedTeamReport> RunAsync(IReadOnlyList<Attempt> regressions)
    {
        var targets = new PolicyTargets(_policy);
        var cases = _suites.SelectMany(static suite => suite.Cases).SelectMany(@case => targets.Aim(@case)).ToList();
        var all = regressions.Count + cases.Count + (double)_options.Budget;
        var found = new SortedDictionary<string, (Attempt Attempt, StageResult Result)>(StringComparer.Ordinal);

        var again = await PlayAsync(regressions, all);
        foreach (var (attempt, result) in regressions.Zip(again).Where(static pair => pair.Second.Succeeded))
        {
            found.TryAdd(attempt.Case.Id, (attempt, result));
        }

        var plain = cases.ConvertAll(Attempt.Of);
        var first = await PlayAsync(plain, all);
        var asWritten = plain.Zip(first).Where(static pair => pair.Second.Succeeded && !pair.First.Case.IsBenign).ToList();
        foreach (var (attempt, result) in asWritten)
        {
            found[attempt.Case.Id] = (attempt, result);
        }

        if (_options.Budget > 0)
        {
            var search = new AdaptiveSearch(cases.Where(@case => !@case.IsBenign && !found.ContainsKey(@case.Id)), targets, _options.Seed);
            foreach (var (attempt, result) in (await search.RunAsync(_options.Budget, attempts => PlayAsync(attempts, all))).Found)
            {
                found.TryAdd(attempt.Case.Id, (attempt, result));
            }
        }

        var bypasses = await ExplainAsync([.. found.Values], cases.ToDictionary(static @case => @case.Id, StringComparer.Ordinal));
        var alarms = plain.Zip(first).Where(static pair => pair.First.Case.IsBenign && pair.Second is { IsApplicable: true, Succeeded: false }).Select(static pair => new RedTeamFalseAlarm(pair.First.Case.Id, pair.Second.Evidence, pair.Second.Rules)).ToList();
        return new(_policy.Name, _options.Seed, _options.Budget, _tries, [.. Results(plain.Zip(first).ToList(), found.Keys)], bypasses, alarms) { Untried = targets.Untried };
    }

    private IEnumerable<RedTeamSuiteResult> Results(List<(Attempt Attempt, StageResult Result)> plain, IReadOnlyCollection<string> found)
    {
        foreach (var suite in _suites.OrderBy(static suite => suite.IsBenign))
        {
            var mine = plain.Where(pair => pair.Attempt.Case.Suite == suite.Name && (!suite.IsBenign || pair.Result.IsApplicable)).ToList();
            var asWritten = new RedTeamShare(mine.Count(pair => pair.Result.Succeeded != suite.IsBenign), mine.Count);
            yield return new(suite.Name, suite.Title, suite.IsBenign, asWritten, suite.IsBenign ? asWritten : new(mine.Count(pair => found.Contains(pair.Attempt.Case.Id)), mine.Count), suite.Owasp, suite.Atlas, [.. mine.Select(static pair => pair.Attempt.Case.Id)]);
        }
    }

    /// <summary>In parallel; the results stand in order.</summary>
    private async Task<IReadOnlyList<StageResult>> PlayAsync(IReadOnlyList<Attempt> attempts, double all)
    {
        var results = new StageResult[attempts.Count];
        await Parallel.ForAsync(0, attempts.Count, _cancellationToken, async (at, token) => results[at] = await _stage.PlayAsync(attempts[at], token));
        _tries += attempts.Count;
        _options.Progress?.Report(Math.Min(1, _tries / all));
        return results;
    }

    private async Task<IReadOnlyList<RedTeamBypass>> ExplainAsync(IReadOnlyList<(Attempt Attempt, StageResult Result)> found, Dictionary<string, RedTeamCase> origins)
    {
        var bypasses = new RedTeamBypass[found.Count];
        var most = Math.Clamp(ShrinkingTries / Math.Max(1, found.Count), LeastShrinking, MostShrinking);
        await Parallel.ForAsync(0, found.Count, _cancellationToken, async (at, token) =>
        {
            var (attempt, result) = found[at];
            var small = await new Minimizer(async smaller => (await _stage.PlayAsync(smaller, token)).Succeeded, most).ShrinkAsync(attempt, origins.GetValueOrDefault(attempt.Case.Id, attempt.Case));
            var closedBy = await ClosingAsync(Remedies.Of(_policy, small.Case), small, token);
            if (closedBy.Count == 0)
            {
                closedBy = await ClosingAsync(Remedies.OfCapabilities(_policy, small.Case), small, token);
            }

            bypasses[at] = new(small, ReferenceEquals(small, attempt) ? result : await _stage.PlayAsync(small, token), closedBy);
        });
        return bypasses;
    }

    private async Task<IReadOnlyList<string>> ClosingAsync(IEnumerable<Remedy> remedies, Attempt attempt, CancellationToken cancellationToken)
    {
        var closing = new List<string>();
        foreach (var remedy in remedies)
        {
            if (await IsClosedAsync(remedy, attempt, cancellationToken))
            {
                closing.Add(remedy.Member);
            }
        }

        return closing;
    }

    private async Task<bool> IsClosedAsync(Remedy remedy, Attempt attempt, CancellationToken cancellationToken)
    {
        try
        {
            return !(await _remedied.GetOrAdd(remedy.Member, _ => new(() => new(remedy.Policy, _options))).Value.PlayAsync(attempt, cancellationToken)).Succeeded;
        }
        catch (PolicyException)
        {
            return false;   // this policy cannot say it
        }
    }
}
