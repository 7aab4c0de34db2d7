using Aegis.Replaying;

namespace Aegis.Guarding;

/// <summary>
/// One commit on the accounts that are not the session's own: on all at once, so that stores outside the process cost one way there and back. What one of them
/// refuses is given back on the others; that somebody else is refused meanwhile can happen, that too much is granted cannot. One that fails refuses.
/// </summary>
internal sealed class BudgetRound
{
    private readonly GuardPipeline _pipeline;
    private readonly AegisRun _root;
    private readonly DateTimeOffset _now;
    private readonly List<AccountCharge?[]> _accounts = [];
    private readonly List<AccountCharge?[]> _granted = [];
    private readonly List<Reservation> _settled = [];
    private readonly long _time;
    private int _isUnknown;   // a store has failed: it may have made the change or not

    public BudgetRound(GuardPipeline pipeline, ReadOnlySpan<Charge> charges, AegisRun run)
    {
        (_pipeline, _root, _now) = (pipeline, GuardPipeline.RootOf(run), charges[0].Now);
        Charges = charges.ToArray();
        var isTimed = Array.Exists(Charges, static charge => Counts(charge.Spends) || charge.Plan?.Others.Any(static other => Counts(other.Spends)) == true);
        _time = isTimed ? _root.TakeTime(_now) : 0;
        for (var i = 0; i < Charges.Length; i++)
        {
            var time = i == 0 ? _time : 0;   // the calls of a step begin together
            Charges[i] = Charges[i] with { Spends = Timed(Charges[i].Spends, time) };
            foreach (var other in Charges[i].Plan?.Others ?? [])
            {
                Add(other with { Spends = Timed(other.Spends, time) ?? [] }, i);
            }
        }
    }

    /// <summary>The charges with the time that has passed.</summary>
    public Charge[] Charges { get; }

    /// <summary>Charges all accounts or none; the charge that one of them refuses, and why.</summary>
    public async ValueTask<(int Index, Finding Finding)?> TakeAsync(CancellationToken cancellationToken)
    {
        foreach (var reservation in Charges.SelectMany(static charge => charge.Plan?.Settles ?? []))
        {
            if (!reservation.TryTake())
            {
                await GiveBackAsync();
                return (0, Finding.Failed("budget/failed", "what was set aside for it is settled already"));
            }

            _settled.Add(reservation);
        }

        if (_accounts.Count == 0)
        {
            return null;
        }

        (int Index, Finding Finding)? first = null;
        foreach (var refused in await Task.WhenAll(_accounts.ConvertAll(charges => TakeAsync(charges, cancellationToken))))
        {
            first = first is null || refused?.Index < first.Value.Index ? refused ?? first : first;
        }

        if (first is not null || cancellationToken.IsCancellationRequested)
        {
            await GiveBackAsync();
            cancellationToken.ThrowIfCancellationRequested();
        }

        return first;
    }

    /// <summary>
    /// Undoes all of it, as far as it can be reached; what cannot stays charged. What was set aside can be settled once more only where every account has said
    /// that it was not: where one has not answered it may have been, and nothing is given back twice.
    /// </summary>
    /// <param name="isKnown">Whether the session has said no; else it may have been charged.</param>
    public async ValueTask GiveBackAsync(bool isKnown = true)
    {
        _root.OweTime(_time);
        await Task.WhenAll(_granted.ConvertAll(GiveBackAsync));
        _granted.Clear();
        if (isKnown && Volatile.Read(ref _isUnknown) == 0)
        {
            _settled.ForEach(static reservation => reservation.PutBack());
        }

        _settled.Clear();
    }

    private async Task<(int Index, Finding Finding)?> TakeAsync(AccountCharge?[] charges, CancellationToken cancellationToken)
    {
        var account = Array.Find(charges, static charge => charge is not null)!;
        try
        {
            var refused = await _pipeline.UpdateAsync(account.Store, account.Account, static (state, spent) => Ledger.SpendElsewhere(state, spent.Charges, spent.Now), (Charges: charges, Now: _now), cancellationToken);
            if (refused is null)
            {
                lock (_granted)
                {
                    _granted.Add(charges);
                }
            }

            return refused;
        }
        catch (Exception e)   // it may be charged or not: nothing is given back there
        {
            Volatile.Write(ref _isUnknown, 1);
            return (Array.IndexOf(charges, account), Finding.Failed("session/unavailable", ReplayedException.NameOf(e)));
        }
    }

    private async Task GiveBackAsync(AccountCharge?[] charges)
    {
        var account = Array.Find(charges, static charge => charge is not null)!;
        try
        {
            await _pipeline.UpdateAsync(account.Store, account.Account, static (state, spent) => (Ledger.Undo(state, spent.Charges, spent.Taken, spent.Now), true), (Charges: charges, Taken: _now, _pipeline.Services.Now), CancellationToken.None);
        }
        catch (Exception)
        {
            Volatile.Write(ref _isUnknown, 1);   // it stays charged until the window has passed
        }
    }

    private void Add(AccountCharge charge, int index)
    {
        var at = _accounts.FindIndex(account => account[index] is null && Array.Find(account, static known => known is not null) is { } known && known.IsOn(charge.Store, charge.Account) && known.Run == charge.Run);
        if (at < 0)
        {
            at = _accounts.Count;
            _accounts.Add(new AccountCharge?[Charges.Length]);
        }

        _accounts[at][index] = charge;
    }

    private static bool Counts(Spend[]? spends) => spends is not null && Array.Exists(spends, static spend => spend.Budget.Meter == BudgetMeter.Duration);

    private static Spend[]? Timed(Spend[]? spends, long time) =>
        Counts(spends) ? Array.ConvertAll(spends!, spend => spend.Budget.Meter == BudgetMeter.Duration ? spend with { Amount = time } : spend) : spends;
}
