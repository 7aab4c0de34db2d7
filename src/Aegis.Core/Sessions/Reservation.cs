namespace Aegis;

/// <summary>
/// Tokens and cost that are set aside for one model call, on every account that it counts on. Once it is known what the call used they are given back, and that
/// is charged; what nobody settles stays charged until the windows have passed.
/// </summary>
internal sealed class Reservation(AccountCharge own, AccountCharge[] others, DateTimeOffset taken)
{
    private int _isTaken;

    /// <summary>On the run's own account.</summary>
    public AccountCharge Own { get; } = own;

    /// <summary>On all others.</summary>
    public AccountCharge[] Others { get; } = others;

    /// <summary>When they were charged.</summary>
    public DateTimeOffset Taken { get; } = taken;

    /// <summary>Whether somebody has settled it.</summary>
    public bool IsTaken => Volatile.Read(ref _isTaken) == 1;

    /// <summary>Settles it, once.</summary>
    public bool TryTake() => Interlocked.Exchange(ref _isTaken, 1) == 0;

    /// <summary>It was not settled after all.</summary>
    public void PutBack() => Volatile.Write(ref _isTaken, 0);

    /// <summary>What gives back tokens and cost of a charge.</summary>
    public IEnumerable<Spend> GivenBack(AccountCharge charge) =>
        charge.Spends.Where(static spend => spend is { Amount: > 0, Budget.Meter: BudgetMeter.Tokens or BudgetMeter.CostMicros }).Select(spend => spend.Back(Taken));
}
