namespace Aegis.Testing.RedTeaming;

/// <summary>
/// Chooses what to try next: what paid, and what was tried little (UCB1; Auer, Cesa-Bianchi, Fischer, 2002). What was never tried comes first, in an order
/// that the seed decides. Not thread-safe.
/// </summary>
internal sealed class Bandit<T>(Random random)
    where T : notnull
{
    private const double Curiosity = 0.35;   // of what pays 0 to 1; found on presets: more tries all alike, less stays with one

    private readonly Dictionary<T, Arm> _arms = [];
    private int _plays;

    /// <summary>The best of some.</summary>
    public T Choose(IReadOnlyList<T> among)
    {
        var best = among[0];
        var most = double.NegativeInfinity;
        foreach (var candidate in among)
        {
            var arm = ArmOf(candidate);
            var worth = arm.Plays == 0 ? 1_000 + arm.Tie : (arm.Paid / arm.Plays) + (Curiosity * Math.Sqrt(Math.Log(_plays + 1) / arm.Plays));
            if (worth > most)
            {
                (best, most) = (candidate, worth);
            }
        }

        ArmOf(best).Plays++;
        _plays++;
        return best;
    }

    /// <summary>What a choice has paid, 0 to 1.</summary>
    public void Pay(T choice, double paid) => ArmOf(choice).Paid += paid;

    private Arm ArmOf(T candidate)
    {
        if (!_arms.TryGetValue(candidate, out var arm))
        {
            _arms[candidate] = arm = new() { Tie = random.NextDouble() };
        }

        return arm;
    }

    private sealed class Arm
    {
        public int Plays { get; set; }

        public double Paid { get; set; }

        public double Tie { get; init; }
    }
}
