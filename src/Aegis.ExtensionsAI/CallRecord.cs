using System.Runtime.CompilerServices;
using Aegis.Guarding;
using Microsoft.Extensions.AI;

namespace Aegis.ExtensionsAI;

/// <summary>What is known of one function call content. Keyed by the instance, because call ids repeat: whichever seam sees a call first judges it, and no seam judges or charges it again.</summary>
internal sealed class CallRecord(AegisRun run)
{
    private static readonly ConditionalWeakTable<AIContent, CallRecord> Known = [];

    private string? _hash;   // the call that was judged, by tool and canonical arguments
    private int _executed;

    public AegisRun Run { get; } = run;

    /// <summary>The verdict; null before it.</summary>
    public Inspection? Inspection { get; set; }

    /// <summary>The tool's name.</summary>
    public string? Tool { get; private set; }

    /// <summary>The call's identity for the trail.</summary>
    public ulong CallHash { get; private set; }

    /// <summary>Counts the model response that made the call as a step; null before that.</summary>
    public Task<Inspection>? Step { get; set; }

    /// <summary>Whether the model response that made it was counted as a step.</summary>
    public bool StepCounted => Step is { IsCompletedSuccessfully: true };

    public bool IsDenied => Inspection is { MayProceed: false };

    public static CallRecord? Find(AIContent call) => Known.TryGetValue(call, out var record) ? record : null;

    /// <summary>A call that comes again is a new call.</summary>
    public static CallRecord Renew(AIContent call, AegisRun run)
    {
        var record = new CallRecord(run);
        Known.AddOrUpdate(call, record);
        return record;
    }

    public static CallRecord For(AIContent call, AegisRun run) => Known.GetValue(call, _ => new(run));

    /// <summary>A copy of a call is the same call.</summary>
    public static void Share(AIContent copy, CallRecord record) => Known.AddOrUpdate(copy, record);

    public void Judged(Inspection inspection, string hash, string tool, ulong callHash)
    {
        (_hash, Tool, CallHash) = (hash, tool, callHash);
        Inspection = inspection;
    }

    /// <summary>Whether it was allowed in this run, as it stands.</summary>
    public bool Allows(AegisRun run, string hash) => ReferenceEquals(Run, run) && Inspection is { MayProceed: true } && string.Equals(_hash, hash, StringComparison.Ordinal);

    public bool IsExecuted => Volatile.Read(ref _executed) != 0;

    /// <summary>Whether this judged call may run now: it was allowed as it stands, and has not run yet.</summary>
    public bool TryExecute(string hash) =>
        Inspection is { MayProceed: true } && string.Equals(_hash, hash, StringComparison.Ordinal) && Interlocked.Exchange(ref _executed, 1) == 0;
}
