namespace Aegis.Events;

/// <summary>Names of the kinds of events.</summary>
public static class EventTypes
{
    /// <summary>A text passed.</summary>
    public const string ScanPass = "scan_pass";

    /// <summary>A text was blocked.</summary>
    public const string ScanBlock = "scan_block";

    /// <summary>A text was blocked or flagged for what it shows together with those that its user typed before.</summary>
    public const string ScanTrajectory = "scan_trajectory";

    /// <summary>A history that came back was not what was said, or an answer could not be signed; blocked or flagged.</summary>
    public const string MessageIntegrityFail = "message_integrity_fail";

    /// <summary>A tool call may run.</summary>
    public const string ActionApprove = "action_approve";

    /// <summary>A tool call may not run.</summary>
    public const string ActionBlock = "action_block";

    /// <summary>A model step was judged.</summary>
    public const string ChainStepScan = "chain_step_scan";

    /// <summary>A stream was ended.</summary>
    public const string StreamViolation = "stream_violation";

    /// <summary>A run was ended: its steps, its time, its risk or its depth are spent, or its session is locked.</summary>
    public const string KillSwitch = "kill_switch";

    /// <summary>A budget that costs money is spent.</summary>
    public const string DenialOfWallet = "denial_of_wallet";

    /// <summary>A session was set aside, locked out or ended, or a user was in all sessions: by the policy, which the verdict then says, or by the host.</summary>
    public const string SessionQuarantine = "session_quarantine";

    /// <summary>A session's lock was lifted.</summary>
    public const string SessionRelease = "session_release";

    /// <summary>A session's lock has ended by itself; said at the first inspection after that.</summary>
    public const string SessionExpire = "session_expire";

    /// <summary>A changed policy was taken up.</summary>
    public const string PolicyReload = "policy_reload";

    /// <summary>A changed policy has mistakes; the one before goes on.</summary>
    public const string PolicyRefused = "policy_refused";

    /// <summary>A tool was approved as it is now.</summary>
    public const string ToolApprove = "tool_approve";

    /// <summary>A judge was asked, and has answered or has not; an event besides that of the inspection.</summary>
    public const string JudgeEvaluation = "judge_evaluation";

    /// <summary>The sandbox begins to take data out of a text.</summary>
    public const string SandboxTrigger = "sandbox_trigger";

    /// <summary>The sandbox has taken data out of a text, or has not; says with how many tries.</summary>
    public const string SandboxResult = "sandbox_result";

    /// <summary>A value from outside was set aside: <see cref="AegisGuard.Quarantine"/>.</summary>
    public const string QuarantineCreate = "quarantine_create";

    /// <summary>A value was let out of quarantine, and nothing was found in it.</summary>
    public const string QuarantineRelease = "quarantine_release";

    /// <summary>A value was let out of quarantine although something was found in it: flagged, partly left out, or in monitor mode.</summary>
    public const string UnsafeUnwrap = "unsafe_unwrap";

    /// <summary>More than ten values were let out of quarantine in one session within an hour; an event besides that of the release.</summary>
    public const string ExcessiveUnwrap = "excessive_unwrap";

    /// <summary>A text was blocked for what the policy says of its length, its kind or its patterns, and not as an attack.</summary>
    public const string PolicyViolation = "policy_violation";

    /// <summary>A text was blocked by a guard of the app's own, which names no ATLAS technique; with one it is an attack, a <see cref="ScanBlock"/>.</summary>
    public const string CustomCheck = "custom_check";

    /// <summary>An alert rule has counted more than its threshold; or still has, after its cooldown.</summary>
    public const string AlertFired = "alert_fired";

    /// <summary>What an alert rule had counted is no longer more than its threshold.</summary>
    public const string AlertResolved = "alert_resolved";

    /// <summary>What alert rules can count: all but alerts themselves.</summary>
    internal static IReadOnlyList<string> Countable { get; } =
        [ScanPass, ScanBlock, ScanTrajectory, MessageIntegrityFail, ActionApprove, ActionBlock, ChainStepScan, StreamViolation, KillSwitch, DenialOfWallet, SessionQuarantine, SessionRelease, SessionExpire, PolicyReload, PolicyRefused, ToolApprove, JudgeEvaluation, SandboxTrigger, SandboxResult, QuarantineCreate, QuarantineRelease, UnsafeUnwrap, ExcessiveUnwrap, PolicyViolation, CustomCheck];

    internal static string Of(AegisEvent e)
    {
        var blocked = e.Verdict.Decision >= Decision.Ask && e.Decision >= Decision.Ask;
        return e.Named is { } named ? named
            : e.Lock is { } kind ? kind != SessionLockKind.None ? SessionQuarantine : e.Change?.HasExpired == true ? SessionExpire : SessionRelease
            : e.Verdict.Rule is "policy/reloaded" ? PolicyReload
            : e.Verdict.Rule is "policy/refused" ? PolicyRefused
            : e.Verdict.Rule is "tool/approved" ? ToolApprove
            : e.Verdict.Findings.Any(static finding => finding.Rule == Untrusted.Released) ? e.Verdict.Findings.Length > 1 ? UnsafeUnwrap : QuarantineRelease
            : e.Checkpoint == Checkpoint.Input && e.Verdict.Findings.Any(static finding => Trajectory.IsRule(finding.Rule)) ? ScanTrajectory
            : e.Verdict.Rule is ['i', 'n', 't', 'e', 'g', 'r', 'i', 't', 'y', '/', ..] ? MessageIntegrityFail
            : blocked && e.Verdict.Rule is ['w', 'a', 'l', 'l', 'e', 't', '/', ..] ? DenialOfWallet
            : blocked && e.Verdict.Findings.Any(static finding => finding.Ends != RunEnd.No) ? KillSwitch
            : e.Checkpoint == Checkpoint.ToolArguments ? blocked ? ActionBlock : ActionApprove
            : e.IsStep ? ChainStepScan
            : blocked && e.IsStream ? StreamViolation
            : !blocked ? ScanPass
            : e.Verdict.Deciding is { IsCustom: true, Atlas.Count: 0 } ? CustomCheck
            : e.Verdict.Rule is ['i', 'n', 'p', 'u', 't', '/', ..] or ['r', 'e', 's', 'u', 'l', 't', '/', ..] or ['o', 'u', 't', 'p', 'u', 't', '/', ..] ? PolicyViolation
            : ScanBlock;
    }
}
