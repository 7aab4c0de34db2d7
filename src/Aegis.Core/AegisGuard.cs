using Aegis.Alerting;
using Aegis.Auditing;
using Aegis.Events;
using Aegis.Guarding;
using Aegis.Policies;
using Aegis.Tools;
using Microsoft.Extensions.Logging;

namespace Aegis;

/// <summary>A policy at work: the pipeline, its sessions, its services. Thread-safe; make one and share it. Disposing it ends the watch over its policy, its alerts, and its audit log when what waits there is written.</summary>
public sealed partial class AegisGuard : IDisposable, IAsyncDisposable
{
    private const int Remembered = 100_000;

    private readonly Generations<SessionId, AegisRun> _directRuns = new(Remembered);
    private readonly Lock _directRun = new();
    private int _warnedOfAnonymity;
    private readonly Func<AegisPolicy, CompiledPolicy> _compile;
    private readonly Lock _replacing = new();
    private int _warnedOfNoTools;
    private GuardPipeline _pipeline;
    private AegisHealth _health;
    private readonly AlertEngine _alerts;
    private IDisposable? _watch;

    private AegisGuard(GuardServices services, Func<AegisPolicy, CompiledPolicy> compile, AlertEngine alerts, AegisPolicy policy, ILogger logger)
    {
        _compile = compile;
        _alerts = alerts;
        try
        {
            _pipeline = new(compile(policy), services);
        }
        catch
        {
            alerts.Dispose();   // nobody else knows it
            throw;
        }

        services.Audit.Apply(AuditOf(_pipeline.Policy));
        _alerts.Adopt(_pipeline.Policy.Alerts, _pipeline.Policy.Version);
        _health = new([], services.Now);
        Logger = logger;
        Sessions = new(this);
        Tools = new(this);
        Sandbox = new(this);
        InstanceSession = SessionId.Instance($"guard-{Guid.NewGuid():N}");
    }

    /// <summary>What the host can do to sessions.</summary>
    public AegisSessions Sessions { get; }

    /// <summary>What the host can say of tools that are not what they were.</summary>
    public AegisTools Tools { get; }

    /// <summary>Takes data out of texts that nobody trusts.</summary>
    public AegisSandbox Sandbox { get; }

    /// <summary>The policy.</summary>
    public AegisPolicy Policy => Pipeline.Policy.Source;

    /// <summary>Whether the policy that was loaded last is the one at work, and what of the guard does not work. Costs a walk over a few counters.</summary>
    public AegisHealth Health
    {
        get
        {
            var (pipeline, services) = (Pipeline, Services);
            return Volatile.Read(ref _health) with
            {
                Policy = pipeline.Policy.Version.Name,
                PolicyHash = pipeline.Policy.Version.Hash,
                Mode = pipeline.Policy.Source.Mode,
                Audit = services.Audit.Health,
                Alerts = _alerts.Health,
                Failures = [.. services.Failures.Counts.Where(static failure => failure.IsOpen || failure.Rule != AuditLog.Unavailable)],   // the log says that itself, as long as it lasts
                UnbookedSessions = services.LocalOf(services.Store).Count,
                LostEvents = services.Events.Failures,
                FailingSinks = [.. services.Events.Failing],
            };
        }
    }

    /// <summary>One policy, whole: what asks it twice in one decision may get two.</summary>
    internal GuardPipeline Pipeline => Volatile.Read(ref _pipeline);

    internal GuardServices Services => Pipeline.Services;

    /// <summary>Who is told when something happens too often.</summary>
    internal AlertEngine Alerts => _alerts;

    internal ILogger Logger { get; }

    /// <summary>What anonymous runs share.</summary>
    internal SessionId InstanceSession { get; }

    internal DateTimeOffset Now => Services.Now;

    /// <summary>Makes a guard.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="configure">Adds services.</param>
    /// <returns>The guard.</returns>
    /// <exception cref="PolicyException">The policy or a rule pack has mistakes; all of them are named.</exception>
    public static AegisGuard Create(AegisPolicy policy, Action<AegisBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(policy);
        var builder = new AegisBuilder();
        configure?.Invoke(builder);
        return Make(policy, builder, services: null);
    }

    internal static AegisGuard Make(AegisPolicy policy, AegisBuilder builder, IServiceProvider? services, Func<AegisGuard, IDisposable>? watch = null)
    {
        var (made, compile, alerts, logger) = builder.Build(services);
        var guard = new AegisGuard(made, compile, alerts, policy, logger);
        try
        {
            guard._watch = (watch ?? builder.Reload)?.Invoke(guard);
        }
        catch
        {
            guard.Dispose();   // its log is open already, and locked
            throw;
        }

        if (policy.Capabilities.RequireApproval.Count > 0 && guard.Services is { Approver: null, UsesApprovalContent: false })
        {
            NobodyToAsk(logger, policy.Name);
        }

        if (policy.Mode == PolicyMode.Off)
        {
            SwitchedOff(logger, policy.Name);
        }

        return guard;
    }

    /// <summary>Ends the watch over the policy, the alerts, and the audit log: waits for what is not written yet, up to five seconds for the file and as long for the other transports. Inspections after that are not recorded, and block with <c>audit/unavailable</c> where the policy requires the log.</summary>
    public void Dispose()
    {
        Interlocked.Exchange(ref _watch, null)?.Dispose();
        _alerts.Dispose();
        Task.WaitAll(Task.Run(Services.Audit.EndAsync));   // on another thread: the caller's may be the only one of its context
    }

    /// <summary>The same, without holding a thread.</summary>
    /// <returns>When it is over.</returns>
    public async ValueTask DisposeAsync()
    {
        Interlocked.Exchange(ref _watch, null)?.Dispose();
        _alerts.Dispose();
        await Services.Audit.EndAsync();
    }

    /// <summary>Waits until every audit record so far is written or lost: for tests, and before a process is ended.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>When it is.</returns>
    public ValueTask FlushAuditAsync(CancellationToken cancellationToken = default) => Services.Audit.FlushAsync(cancellationToken);

    private static CompiledAudit? AuditOf(CompiledPolicy policy) => policy.IsOff ? null : policy.Audit;

    /// <summary>Takes up a changed policy, whole, if it has no mistakes; else the one before goes on. Says so once in events, and in <see cref="Health"/>.</summary>
    internal void Replace(Func<AegisPolicy> load)
    {
        lock (_replacing)
        {
            CompiledPolicy compiled;
            try
            {
                compiled = _compile(load());
            }
            catch (Exception e)   // whatever it is, the policy before is known to be good
            {
                IReadOnlyList<PolicyError> mistakes = (e as PolicyException)?.Errors is { Count: > 0 } errors ? errors : [new("$", $"cannot be loaded: {e.GetType().Name}.")];
                if (!_health.Mistakes.SequenceEqual(mistakes))
                {
                    Volatile.Write(ref _health, new(mistakes, _health.IsDegraded ? _health.Since : Now));
                    Refused(Logger, Policy.Name, string.Join("; ", mistakes));
                    Tell("policy/refused", FormattableString.Invariant($"{mistakes.Count} mistakes, the first {mistakes[0].Code} at {mistakes[0].Path}"), Decision.Flag);
                }

                return;
            }

            if (_health.IsDegraded || compiled.Version != Pipeline.Policy.Version)
            {
                var reloaded = Event("policy/reloaded", compiled.Version.Hash, Decision.Flag, compiled.Version);
                Services.Audit.Apply(AuditOf(compiled), reloaded);
                Volatile.Write(ref _pipeline, new(compiled, Services));
                _alerts.Adopt(compiled.Alerts, compiled.Version);
                Volatile.Write(ref _health, new([], Now));
                Reloaded(Logger, compiled.Version.Name, compiled.Version.Hash);
                Services.Events.Publish(reloaded);
            }
        }
    }

    private void Tell(string rule, string detail, Decision decision) => Services.Events.Publish(Event(rule, detail, decision, Pipeline.Policy.Version));

    private AegisEvent Event(string rule, string detail, Decision decision, PolicyVersion version) =>
        new(DecisionId.Next(), subject: null, InstanceSession, Verdict.Of(new Finding(rule, decision, 0) { Detail = detail }), Decision.Allow) { Time = Now, Version = version };

    /// <summary>Judges one subject: for apps that guard something which no adapter covers. The run is the one of the surrounding agent, else a run of its own in this session.</summary>
    /// <typeparam name="T">The kind of subject.</typeparam>
    /// <param name="subject">The subject.</param>
    /// <param name="session">Whose conversation it is.</param>
    /// <param name="cancellationToken">Cancels the inspection; nothing is charged then.</param>
    /// <returns>The subject as it may go on, and why.</returns>
    /// <exception cref="ArgumentException"><paramref name="session"/> is <c>default</c>, or a user's account.</exception>
    public async ValueTask<Outcome<T>> InspectAsync<T>(T subject, SessionId session, CancellationToken cancellationToken = default)
        where T : Subject
    {
        ArgumentNullException.ThrowIfNull(subject);
        var inspection = await Pipeline.InspectAsync(subject, RunOf(session), cancellationToken);
        return inspection.As<T>();
    }

    /// <summary>Sets a value from outside aside, as <see cref="Untrusted.From"/> does, and says so in an event.</summary>
    /// <typeparam name="T">Its type.</typeparam>
    /// <param name="value">The value.</param>
    /// <param name="source">Where it came from, in words of the host: printed, logged and in events.</param>
    /// <param name="session">Whose conversation it is.</param>
    /// <returns>The wrapped value.</returns>
    /// <exception cref="ArgumentException"><paramref name="source"/> is empty, too long or has control characters; <paramref name="session"/> is <c>default</c>.</exception>
    public Untrusted<T> Quarantine<T>(T value, string source, SessionId session)
    {
        var wrapped = Untrusted.From(value, source);
        var run = RunOf(session);
        if (Policy.Mode != PolicyMode.Off)
        {
            Services.Events.Publish(new(DecisionId.Next(), new ToolResult(source, ""), session, Verdict.None, Decision.Allow) { Time = Now, Run = run.Id.Value, Version = Pipeline.Policy.Version, Named = EventTypes.QuarantineCreate });
        }

        return wrapped;
    }

    /// <summary>Judges a text that leaves quarantine, as a result of the tool that it came from, and says so in the event.</summary>
    internal ValueTask<Inspection> InspectReleaseAsync(ToolResult text, SessionId session, Finding released, CancellationToken cancellationToken) =>
        Pipeline.ReleaseAsync(text, RunOf(session), released, cancellationToken);

    internal AegisRun RunOf(SessionId session)
    {
        if (session.IsDefault)
        {
            throw new ArgumentException("A session must be named: 'default' is nobody's.", nameof(session));
        }

        if (session.IsAccount)
        {
            throw new ArgumentException("An account of a user is no conversation. Name one, with the user as its principal.", nameof(session));
        }

        var ambient = AegisAmbient.Current.Run;
        return ambient is not null && ReferenceEquals(ambient.Guard, this) && ambient.Session == session ? ambient : DirectRun(session);
    }

    /// <summary>Makes a set of tools, with the risk that this policy sees in each. Of tools whose names cannot be told apart, none stays.</summary>
    /// <param name="tools">The tools.</param>
    /// <returns>The set.</returns>
    public Toolset ToolsetOf(IEnumerable<ToolInfo> tools)
    {
        ArgumentNullException.ThrowIfNull(tools);
        return OfferOf(tools, runsElsewhere: false);
    }

    internal Toolset OfferOf(IEnumerable<ToolInfo> tools, bool runsElsewhere) => Toolset.Of(tools.Select(Described), Pipeline.Policy.Tools, runsElsewhere);

    /// <summary>A tool with what the app knows of it.</summary>
    internal ToolInfo Described(ToolInfo tool) => Services.Describe is { } describe ? describe(tool) with { Name = tool.Name, Kind = tool.Kind, Source = tool.Source } : tool;

    /// <summary>Which session a provider's conversation id belongs to.</summary>
    internal Generations<string, SessionId> Conversations { get; } = new(Remembered);

    /// <summary>Says once that nobody says whose conversation it is.</summary>
    internal void WarnOfAnonymity()
    {
        if (Interlocked.Exchange(ref _warnedOfAnonymity, 1) == 0)
        {
            Anonymous(Logger, Policy.Name);
        }
    }

    /// <summary>Says once that the app has tools and the policy allows none.</summary>
    internal void WarnOfNoTools(Toolset offered, Toolset visible)
    {
        if (offered.Tools.Count > 0 && visible.Tools.Count == 0 && Policy.Capabilities is { Allow.Count: 0, RequireApproval.Count: 0 } && Interlocked.Exchange(ref _warnedOfNoTools, 1) == 0)
        {
            NoTools(Logger, Policy.Name, offered.Tools.Count);
        }
    }

    /// <summary>The run of direct inspections in a session: one at a time, for as long as a run may take.</summary>
    internal AegisRun DirectRun(SessionId session)
    {
        lock (_directRun)
        {
            if (!_directRuns.TryGet(session, out var run) || run.Ticket.Started + Policy.AgentLoop.MaxDuration <= Now)
            {
                run = new(this, session, parent: null, startedByMessages: false);
                _directRuns.Set(session, run);
            }

            return run;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Policy {Policy} goes on as it was: the changed one has mistakes: {Mistakes}")]
    private static partial void Refused(ILogger logger, string policy, string mistakes);

    [LoggerMessage(Level = LogLevel.Information, Message = "Policy {Policy} was taken up anew, as {Hash}")]
    private static partial void Reloaded(ILogger logger, string policy, string hash);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Policy {Policy} asks before some tools run, but there is no approver: they will be blocked with approval/no-approver. Call UseApprover or UseApprovalContent")]
    private static partial void NobodyToAsk(ILogger logger, string policy);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Policy {Policy} is switched off: nothing is inspected")]
    private static partial void SwitchedOff(ILogger logger, string policy);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Policy {Policy} guards a request without an AegisScope or a conversation id: windowed limits count on this guard, and locks do not apply")]
    private static partial void Anonymous(ILogger logger, string policy);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Policy {Policy} allows no tool, but the app has {Count}: add them to capabilities.allow")]
    private static partial void NoTools(ILogger logger, string policy, int count);
}
