namespace Aegis.Testing.RedTeaming;

/// <summary>What success is.</summary>
/// <param name="Harm">Of which kind.</param>
/// <param name="Value">The tool that must run, or the text that must come out.</param>
/// <param name="With">What must stand in the call's arguments.</param>
/// <param name="Meter">What is counted.</param>
/// <param name="Most">More than this must be spent.</param>
internal sealed record AttackGoal(RedTeamHarm Harm, string? Value = null, string? With = null, AttackMeter Meter = AttackMeter.Calls, long Most = 0)
{
    public AttackGoal Map(Func<string, string> change) => this with { Value = Value is null ? null : change(Value), With = With is null ? null : change(With) };
}
