namespace Aegis.Cli.Replay;

/// <summary>A call that was made.</summary>
/// <param name="Call">The call.</param>
/// <param name="Output">What it returned to the attacked agent.</param>
/// <param name="CleanOutput">The same without the attack.</param>
/// <param name="Injected">Whether the attack is in it.</param>
internal sealed record ReplayStep(ReplayCall Call, string Output, string CleanOutput, bool Injected);
