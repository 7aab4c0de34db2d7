using Aegis.Events;
using Aegis.Policies;

namespace Aegis.Auditing;

/// <summary>Which events a level records.</summary>
internal static class AuditSelection
{
    public static bool Selects(AuditLevel level, AegisEvent e) => level switch
    {
        AuditLevel.All => true,
        AuditLevel.Actions => IsViolation(e) || e.Lock is not null || e.Type is not (EventTypes.ScanPass or EventTypes.ChainStepScan),
        _ => IsViolation(e),
    };

    private static bool IsViolation(AegisEvent e) =>
        e.Lock is { } kind ? kind != SessionLockKind.None : e.Checkpoint is null ? e.Type is EventTypes.PolicyRefused : e.Verdict.Decision >= Decision.Flag || e.Decision >= Decision.Flag;
}
