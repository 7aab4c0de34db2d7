namespace Aegis;

/// <summary>A text that a user typed and that was blocked as an attack, as a session remembers it: which one, and how long it counts.</summary>
/// <param name="Text">56 bits of SHA-256, above 8 bits that are 0.</param>
/// <param name="UntilTicks">When it no longer counts, in UTC ticks.</param>
internal readonly record struct Strike(ulong Text, long UntilTicks)
{
    /// <summary>So many at most.</summary>
    public const int Most = 16;

    /// <summary>Whether a user has attacked: with what was typed now and not in a history, in no sub-agent, and by what stands in the text itself.</summary>
    /// <param name="subject">What was inspected.</param>
    /// <param name="verdict">What was found in it.</param>
    /// <param name="run">The run.</param>
    public static bool Is(Subject subject, Verdict verdict, AegisRun run) => run.Parent is null && subject is UserInput { IsPast: false } typed && (typed.IsTyped || typed.Pieces is not null) && verdict.IsAttackOfItself;

    public static ulong TextOf(string text) => RiskMark.Of(text, 0).Bits;
}
