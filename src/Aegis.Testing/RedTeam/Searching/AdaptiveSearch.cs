namespace Aegis.Testing.RedTeaming;

/// <summary>
/// Changes cases until they get through: a bandit chooses the suite, another one for each suite the change, one to three on top of each other. What pays is a case that
/// got through for the first time; less, an order that the model was shown. Chosen in rounds, played in parallel, weighed in order: how many threads there are changes nothing.
/// </summary>
internal sealed class AdaptiveSearch
{
    private const int Round = 32;
    private const int MostChanges = 3;
    private const double ReadIsWorth = 0.1;

    private readonly Random _random;
    private readonly Bandit<string> _suites;
    private readonly Dictionary<string, Bandit<Mutator>> _mutators = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, List<RedTeamCase>> _open = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IReadOnlyList<Mutator>> _known = new(StringComparer.Ordinal);
    private readonly HashSet<string> _tried = new(StringComparer.Ordinal);

    /// <param name="cases">What has not got through yet.</param>
    /// <param name="targets">What the policy gives away.</param>
    /// <param name="seed">Where to begin.</param>
    public AdaptiveSearch(IEnumerable<RedTeamCase> cases, PolicyTargets targets, int seed)
    {
        _random = new(seed);
        _suites = new(_random);
        foreach (var @case in cases)
        {
            if (!_open.TryGetValue(@case.Suite, out var open))
            {
                _open[@case.Suite] = open = [];
                _mutators[@case.Suite] = new(_random);
            }

            open.Add(@case);
            _known[@case.Id] = [.. Calls.Of(targets, @case), .. Mutators.All];
        }
    }

    /// <summary>Tries as often as the budget says, or until everything got through.</summary>
    /// <param name="budget">Tries.</param>
    /// <param name="play">Plays some, in order.</param>
    /// <returns>What got through, one try a case, and how many tries it took.</returns>
    public async Task<(IReadOnlyList<(Attempt Attempt, StageResult Result)> Found, int Tries)> RunAsync(int budget, Func<IReadOnlyList<Attempt>, Task<IReadOnlyList<StageResult>>> play)
    {
        var found = new List<(Attempt, StageResult)>();
        var tries = 0;
        while (tries < budget && _open.Count > 0)
        {
            var round = Choose(Math.Min(Round, budget - tries));
            if (round.Count == 0)
            {
                break;   // there is nothing left that was not tried
            }

            var results = await play([.. round.Select(static choice => choice.Attempt)]);
            tries += round.Count;
            for (var i = 0; i < round.Count; i++)
            {
                var (attempt, first) = round[i];
                var isNew = results[i].Succeeded && Close(attempt.Case);
                var paid = isNew ? 1 : results[i].WasRead && attempt.Case.Place != AttackPlace.Rogue ? ReadIsWorth : 0;
                _suites.Pay(attempt.Case.Suite, paid);
                _mutators[attempt.Case.Suite].Pay(first, paid);
                if (isNew)
                {
                    found.Add((attempt, results[i]));
                }
            }
        }

        return (found, tries);
    }

    private List<(Attempt Attempt, Mutator First)> Choose(int count)
    {
        var round = new List<(Attempt, Mutator)>();
        for (var misses = 0; round.Count < count && misses < 4 * Round;)
        {
            var suite = _suites.Choose([.. _open.Keys]);
            var @case = _open[suite][_random.Next(_open[suite].Count)];
            var first = _mutators[suite].Choose(_known[@case.Id]);
            var attempt = first.Apply(Attempt.Of(@case), _random.Next());
            for (var more = _random.Next(MostChanges); attempt is not null && more > 0; more--)
            {
                var other = _known[@case.Id][_random.Next(_known[@case.Id].Count)];
                attempt = (other.Kind == first.Kind && other.Kind is MutatorKind.Splitting or MutatorKind.Answer ? null : other.Apply(attempt, _random.Next())) ?? attempt;
            }

            if (attempt is null || !_tried.Add(attempt.Identity))
            {
                misses++;
                continue;
            }

            round.Add((attempt, first));
        }

        return round;
    }

    /// <summary>Whether it was open.</summary>
    private bool Close(RedTeamCase @case)
    {
        if (!_open.TryGetValue(@case.Suite, out var open) || open.RemoveAll(known => string.Equals(known.Id, @case.Id, StringComparison.Ordinal)) == 0)
        {
            return false;
        }

        if (open.Count == 0)
        {
            _open.Remove(@case.Suite);
        }

        return true;
    }
}
