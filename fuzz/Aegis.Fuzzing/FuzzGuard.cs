namespace Aegis.Fuzzing;

/// <summary>A guard as targets ask it: each time in a session of its own, so that what one input has done counts for no other.</summary>
internal sealed class FuzzGuard
{
    private const int Remembered = 64;   // sessions: more are never asked for again

    private long _sessions;

    public FuzzGuard(AegisPolicy policy, Action<AegisBuilder>? configure = null) => Guard = AegisGuard.Create(policy, aegis =>
    {
        aegis.UseSessionStore(new MemorySessionStore(Remembered));
        configure?.Invoke(aegis);
    });

    public AegisGuard Guard { get; }

    public SessionId NextSession() => new(FormattableString.Invariant($"input-{_sessions++}"), "ann");

    public AegisRun NextRun() => new(Guard, NextSession(), parent: null, startedByMessages: false);

    public Verdict Judge(Subject subject, AegisRun run) => Done(Guard.Pipeline.InspectAsync(subject, run, CancellationToken.None)).Verdict;

    public static T Done<T>(ValueTask<T> task) => task.AsTask().GetAwaiter().GetResult();

    /// <summary>The pipeline lets no exception out: a guard that throws blocks, and its finding says so. To a law that is the same.</summary>
    public static void ThrowIfFailed(Verdict verdict)
    {
        foreach (var finding in verdict.Findings)
        {
            LawBrokenException.Unless(!finding.IsFailure, $"{finding.Rule} ({finding.Detail})");
        }
    }
}
