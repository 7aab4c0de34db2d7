using Aegis.Events;
using Aegis.Tools;

namespace Aegis.Testing.RedTeaming;

/// <summary>
/// A guard that plays one try after the other: to compile a policy takes longer than to play. Each try has a session, a user and tool pins of its own; who is asked says no.
/// </summary>
internal sealed class StageGuard : IEventSink, IToolPinStore, IDisposable
{
    private const int Most = 256;   // tries; what a guard remembers of their sessions goes with it

    private int _plays;
    private Play? _play;
    private MemoryToolPinStore _pins = new([]);

    public StageGuard(AegisPolicy policy, Action<AegisBuilder>? configure) => Guard = AegisGuard.Create(policy, builder =>
    {
        builder.UseTimeProvider(new StillClock()).UseApprover((_, _) => { _play?.Ask(); return new(false); }).AddSink(this).UseToolPins(this);
        configure?.Invoke(builder);
    });

    public AegisGuard Guard { get; }

    /// <summary>Whether it may play another one.</summary>
    public bool IsFresh => _plays < Most;

    /// <summary>Begins a try.</summary>
    /// <returns>The user and the session of it.</returns>
    public string Begin(Play play)
    {
        (_play, _pins) = (play, new([]));
        return FormattableString.Invariant($"red-team-{++_plays}");
    }

    public void Write(AegisEvent e)
    {
        foreach (var finding in e.Verdict.Findings)
        {
            _play?.Find(finding.Rule);
        }
    }

    public ValueTask<IReadOnlyList<ToolPin>> ReadAsync(CancellationToken cancellationToken) => _pins.ReadAsync(cancellationToken);

    public ValueTask<IReadOnlyList<ToolPin>> UpdateAsync(Func<IReadOnlyList<ToolPin>, IReadOnlyList<ToolPin>> change, CancellationToken cancellationToken) => _pins.UpdateAsync(change, cancellationToken);

    public void Dispose() => Guard.Dispose();
}
