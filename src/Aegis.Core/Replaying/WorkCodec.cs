namespace Aegis.Replaying;

/// <summary>What work spends, as bytes.</summary>
internal static class WorkCodec
{
    public static TapeCodec<TokenUsage> Usage { get; } = new(Write, ReadUsage);

    /// <summary>How much a piece of work spends of budgets.</summary>
    public static TapeCodec<Amounts> Amounts { get; } = new(Write, ReadAmounts);

    /// <summary>What is found in texts for a charge, and no more of it.</summary>
    public static TapeCodec<Charge> Derived(Charge charge) => new(
        static (writer, made) =>
        {
            writer.Hash(made.Call);
            writer.Hash(made.Result);
            writer.Byte((byte)made.Labels);
            writer.Byte((byte)made.Seen);
            writer.Flag(made.DependsOnLabels);
        },
        reader => charge with { Call = reader.Fixed(), Result = reader.Fixed(), Labels = (SessionLabels)reader.Byte(), Seen = (SessionLabels)reader.Byte(), DependsOnLabels = reader.Flag() });

    public static void Write(TapeWriter writer, TokenUsage usage)
    {
        writer.Number(usage.Input);
        writer.Number(usage.Output);
        writer.Name(usage.Model);
    }

    public static TokenUsage ReadUsage(TapeReader reader) => new(reader.Number(), reader.Number(), reader.Text());

    public static void Write(TapeWriter writer, Reservation reservation)
    {
        Write(writer, reservation.Own);
        writer.All(reservation.Others, other => Write(writer, other));
        writer.Time(reservation.Taken);
        writer.Flag(reservation.IsTaken);
    }

    public static Reservation ReadReservation(TapeReader reader)
    {
        var reservation = new Reservation(ReadAccount(reader), [.. reader.All(() => ReadAccount(reader))], reader.Time());
        if (reader.Flag())
        {
            reservation.TryTake();
        }

        return reservation;
    }

    private static void Write(TapeWriter writer, AccountCharge charge)
    {
        Write(writer, charge.Account);
        writer.All(charge.Spends, spend => Write(writer, spend));
        RunCodec.Write(writer, charge.Run);
        Write(writer, charge.Amounts);
        writer.Flag(charge.NeverRefuse);
    }

    private static AccountCharge ReadAccount(TapeReader reader) => new(reader.Store, ReadSession(reader))
    {
        Spends = [.. reader.All(() => ReadSpend(reader))],
        Run = RunCodec.ReadId(reader),
        Amounts = ReadAmounts(reader),
        NeverRefuse = reader.Flag(),
    };

    public static void Write(TapeWriter writer, SessionId session)
    {
        writer.Byte((byte)session.Origin);
        writer.Name(session.Id);
        writer.Name(session.Principal);
        writer.Name(session.Tenant);
    }

    public static SessionId ReadSession(TapeReader reader)
    {
        var origin = (SessionOrigin)reader.Byte();
        return SessionId.Restored(origin, reader.Name(), reader.Text(), reader.Text(), reader.Instance);
    }

    private static void Write(TapeWriter writer, Spend spend)
    {
        var budget = spend.Budget;
        writer.Name(budget.Rule);
        writer.Name(budget.Setting);
        writer.Name(budget.Key);
        writer.Byte((byte)budget.Meter);
        writer.Number(budget.Max);
        writer.Number(budget.Window.Ticks);
        writer.Byte((byte)budget.Ends);
        writer.Number(spend.Amount);
        writer.Byte((byte)((spend.InAdvance ? 1 : 0) | (spend.MayCross ? 2 : 0) | (spend.IsUnchecked ? 4 : 0)));
        writer.Time(spend.Taken);
    }

    private static Spend ReadSpend(TapeReader reader)
    {
        var budget = new Budget(reader.Name(), reader.Name(), reader.Name(), (BudgetMeter)reader.Byte(), reader.Number(), new(reader.Number())) { Ends = (RunEnd)reader.Byte() };
        var (amount, marks, taken) = (reader.Number(), reader.Byte(), reader.Time());
        return new(budget, amount) { InAdvance = (marks & 1) != 0, MayCross = (marks & 2) != 0, IsUnchecked = (marks & 4) != 0, Taken = taken };
    }

    private static void Write(TapeWriter writer, Amounts amounts)
    {
        writer.Byte((byte)amounts.Kind);
        writer.Number(amounts.ToolCalls);
        writer.Number(amounts.EgressBytes);
        writer.Number(amounts.Tokens);
        writer.Number(amounts.CostMicros);
        writer.Byte((byte)((amounts.IsBounded ? 1 : 0) | (amounts.Begins ? 2 : 0)));
    }

    private static Amounts ReadAmounts(TapeReader reader)
    {
        var amounts = new Amounts((WorkKind)reader.Byte()) { ToolCalls = reader.Number(), EgressBytes = reader.Number(), Tokens = reader.Number(), CostMicros = reader.Number() };
        var marks = reader.Byte();
        return amounts with { IsBounded = (marks & 1) != 0, Begins = (marks & 2) != 0 };
    }
}
