using Aegis.Alerting;
using Aegis.Auditing;
using Aegis.Events;
using Aegis.Flow;
using Aegis.Guarding;
using Aegis.Media;
using Aegis.Policies;
using Aegis.Policies.Documents;
using Aegis.Replaying;
using Aegis.Sandboxing;
using Aegis.Scanning.Rules;
using Aegis.Telemetry;
using Aegis.Tools;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aegis;

/// <summary>What code adds to a policy: services and delegates. Not thread-safe; used while a guard is made.</summary>
public sealed class AegisBuilder
{
    private readonly List<object> _guards = [];
    private readonly List<IEventSink> _sinks = [];
    private readonly List<(string Json, string Source)> _packs = [];
    private readonly List<ITextClassifier> _classifiers = [];
    private readonly Dictionary<string, IAuditTransport> _auditTransports = new(StringComparer.Ordinal);
    private readonly List<(string? Rule, Func<Alert, CancellationToken, ValueTask> Call)> _onAlert = [];
    private string? _instance;
    private string? _region;
    private IAlertWebhook? _webhook;
    private IAlertWindows? _alertWindows;
    private IApprover? _approver;
    private IJudge? _judge;
    private ITextExtractor? _textExtractor;
    private IExtractor? _extractor;
    private ExtractionSettings _extraction = ExtractionSettings.Default;
    private Func<ToolInfo, ToolInfo>? _describe;
    private bool _usesApprovalContent;
    private bool _editsApprovalContent;
    private bool? _capturesContent;
    private ISessionStore? _store;
    private IProvenanceStore? _provenance;
    private byte[]? _provenanceKey;
    private IToolPinStore? _pins;
    private string? _pinFile;
    private TimeProvider? _time;
    private ILoggerFactory? _loggers;
    private TimeSpan _approvalTimeout = TimeSpan.FromMinutes(5);
    private TimeSpan _guardTimeout = TimeSpan.FromSeconds(10);
    private TimeSpan _storeTimeout = TimeSpan.FromSeconds(2);

    internal AegisBuilder()
    {
    }

    /// <summary>Who is asked when a call needs a yes.</summary>
    /// <param name="approver">The approver.</param>
    /// <returns>This builder.</returns>
    public AegisBuilder UseApprover(IApprover approver)
    {
        _approver = approver ?? throw new ArgumentNullException(nameof(approver));
        return this;
    }

    /// <summary>Who is asked when a call needs a yes: call by call, for a yes or a no. An <see cref="IApprover"/> can be asked about all calls of a step at once, and answer with other arguments.</summary>
    /// <param name="approve">Asks.</param>
    /// <returns>This builder.</returns>
    public AegisBuilder UseApprover(Func<ApprovalRequest, CancellationToken, ValueTask<bool>> approve) =>
        UseApprover(new DelegateApprover(approve ?? throw new ArgumentNullException(nameof(approve))));

    /// <summary>What reads pictures, recordings and documents, so that guards can judge what is written in them. Without one they are what <c>input.unknownContent</c> says.</summary>
    /// <param name="extractor">The extractor.</param>
    /// <returns>This builder.</returns>
    public AegisBuilder UseTextExtractor(ITextExtractor extractor)
    {
        _textExtractor = extractor ?? throw new ArgumentNullException(nameof(extractor));
        return this;
    }

    /// <summary>How long an answer may take, from an approver or as approval content, before it is a no; 5 minutes unless said otherwise.</summary>
    /// <param name="timeout">The time.</param>
    /// <returns>This builder.</returns>
    public AegisBuilder UseApprovalTimeout(TimeSpan timeout)
    {
        _approvalTimeout = Positive(timeout, nameof(timeout));
        return this;
    }

    /// <summary>Without an approver, questions go to the app as approval contents of its framework, and its answers come back the same way. They are bound to what was asked, in the session and by the policy that asked, for the approval timeout, once.</summary>
    /// <param name="editable">Whether an answer may change a call's arguments, which are judged from the start then. The question must come with it. Else a changed call is refused.</param>
    /// <returns>This builder.</returns>
    public AegisBuilder UseApprovalContent(bool editable = false)
    {
        _usesApprovalContent = true;
        _editsApprovalContent = editable;
        return this;
    }

    /// <summary>Who gives a second opinion, when <see cref="AegisPolicy.Judge"/> says so. Unless said otherwise the <see cref="IJudge"/> of the services, else the chat client <c>aegis-judge</c> among their keyed ones.</summary>
    /// <param name="judge">The judge.</param>
    /// <returns>This builder.</returns>
    public AegisBuilder UseJudge(IJudge judge)
    {
        _judge = judge ?? throw new ArgumentNullException(nameof(judge));
        return this;
    }

    /// <summary>Who takes data out of texts that nobody trusts: see <see cref="AegisSandbox"/>. Unless said otherwise the <see cref="IExtractor"/> of the services, else the chat client <c>aegis-sandbox</c> among their keyed ones.</summary>
    /// <param name="extractor">The extractor.</param>
    /// <returns>This builder.</returns>
    public AegisBuilder UseExtractor(IExtractor extractor)
    {
        _extractor = extractor ?? throw new ArgumentNullException(nameof(extractor));
        return this;
    }

    /// <summary>How long all tries of the sandbox for one text may take together, and how many may follow the first; 10 seconds and 2 unless said otherwise.</summary>
    /// <param name="timeout">The time.</param>
    /// <param name="maxRetries">Tries beyond the first, 0 to 10.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="ArgumentOutOfRangeException">One is out of its range.</exception>
    public AegisBuilder UseSandboxLimits(TimeSpan timeout, int maxRetries)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maxRetries);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxRetries, 10);
        _extraction = new(Positive(timeout, nameof(timeout)), maxRetries);
        return this;
    }

    /// <summary>Adds a guard of your own behind the built-in ones.</summary>
    /// <typeparam name="T">The kind of subject that it looks at.</typeparam>
    /// <param name="guard">The guard.</param>
    /// <returns>This builder.</returns>
    public AegisBuilder AddGuard<T>(IGuard<T> guard)
        where T : Subject
    {
        _guards.Add(guard ?? throw new ArgumentNullException(nameof(guard)));
        return this;
    }

    /// <summary>Adds a sink that hears every event.</summary>
    /// <param name="sink">The sink.</param>
    /// <returns>This builder.</returns>
    public AegisBuilder AddSink(IEventSink sink)
    {
        _sinks.Add(sink ?? throw new ArgumentNullException(nameof(sink)));
        return this;
    }

    /// <summary>Adds a transport of your own for audit records, under a name that <c>audit.transports</c> of the policy uses.</summary>
    /// <param name="name">The name: 1 to 64 letters, digits, <c>-</c> and <c>_</c> of ASCII; not <c>json-file</c>, <c>console</c>, <c>logger</c> or <c>otel</c>.</param>
    /// <param name="transport">The transport. It stays yours, and is not disposed.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="ArgumentException">The name is none, or taken.</exception>
    public AegisBuilder AddAuditTransport(string name, IAuditTransport transport)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(transport);
        return TextKind.Transport.Mistake(name) is null && name is not (AuditPolicy.JsonFile or AuditPolicy.Console or AuditPolicy.Logger or AuditPolicy.Otel) && _auditTransports.TryAdd(name, transport) ? this
            : throw new ArgumentException("A transport's name has 1 to 64 letters, digits, '-' and '_', and is no other's.", nameof(name));
    }

    /// <summary>What audit records call this instance of the app, and where it is. Unless said otherwise the variables <c>AEGIS_INSTANCE</c> and <c>AEGIS_REGION</c> of the environment, else the machine's name, and no region.</summary>
    /// <param name="name">The instance, 1 to 512 characters.</param>
    /// <param name="region">Where it is; <see langword="null"/>: <c>AEGIS_REGION</c>.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="ArgumentException">A name is empty or too long.</exception>
    public AegisBuilder UseInstance(string name, string? region = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(name.Length, AuditText.MaxLength, nameof(name));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(region?.Length ?? 0, AuditText.MaxLength, nameof(region));
        (_instance, _region) = (name, region);
        return this;
    }

    /// <summary>Whether spans hold the texts, arguments and results that pass, as they go on: redacted where the policy redacts, at most 4,096 characters each; never what is blocked or asked about, and nothing of answers. Unless said otherwise the variable <c>OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT</c> of the environment, which Microsoft.Extensions.AI reads too, else not.</summary>
    /// <param name="capture">Whether they do.</param>
    /// <returns>This builder.</returns>
    public AegisBuilder CaptureContent(bool capture = true)
    {
        _capturesContent = capture;
        return this;
    }

    /// <summary>Adds rules to the scanner, in the format that <c>docs/patterns.md</c> describes. The pack's examples are run when the guard is made.</summary>
    /// <param name="json">The pack.</param>
    /// <param name="source">What mistakes call it, for example the file; unless said otherwise, <c>rule pack 1</c> and so on.</param>
    /// <returns>This builder.</returns>
    public AegisBuilder AddRulePack(string json, string? source = null)
    {
        _packs.Add((json ?? throw new ArgumentNullException(nameof(json)), source ?? FormattableString.Invariant($"rule pack {_packs.Count + 1}")));
        return this;
    }

    /// <summary>Adds a model of your own that judges texts after the scanner, while the policy has one. Those among the services judge as well.</summary>
    /// <param name="classifier">The model.</param>
    /// <returns>This builder.</returns>
    public AegisBuilder AddClassifier(ITextClassifier classifier)
    {
        _classifiers.Add(classifier ?? throw new ArgumentNullException(nameof(classifier)));
        return this;
    }

    /// <summary>Adds what only the app knows of its tools, for example the annotations of an MCP tool that <see cref="ToolInfo.Source"/> is. Name and kind stay as they are.</summary>
    /// <param name="describe">Gives the tool with what it adds. An exception blocks the request.</param>
    /// <returns>This builder.</returns>
    public AegisBuilder DescribeTools(Func<ToolInfo, ToolInfo> describe)
    {
        _describe = describe ?? throw new ArgumentNullException(nameof(describe));
        return this;
    }

    /// <summary>Where it is kept what tools were when they were approved; in memory unless said otherwise, so that each guard trusts anew.</summary>
    /// <param name="store">The store.</param>
    /// <returns>This builder.</returns>
    public AegisBuilder UseToolPins(IToolPinStore store)
    {
        (_pins, _pinFile) = (store ?? throw new ArgumentNullException(nameof(store)), null);
        return this;
    }

    /// <summary>Tools that are approved from the start, in memory.</summary>
    /// <param name="pins">The tools: <see cref="ToolPin.Of"/>. At most one for a server and a name.</param>
    /// <returns>This builder.</returns>
    public AegisBuilder UseToolPins(IEnumerable<ToolPin> pins)
    {
        ArgumentNullException.ThrowIfNull(pins);
        ToolPin[] all = [.. pins];
        return all.DistinctBy(static pin => pin.Key).Count() == all.Length ? UseToolPins(new MemoryToolPinStore(all)) : throw new ArgumentException("Two pins are of one server and name.", nameof(pins));
    }

    /// <summary>A JSON file that keeps what tools were when they were approved, over restarts and for all processes that share it. It is made when the first tool is approved, and replaced whole. A file that cannot be read refuses every tool until it can.</summary>
    /// <param name="path">The file. Whoever can write it can approve tools.</param>
    /// <returns>This builder.</returns>
    public AegisBuilder UseToolPins(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        (_pins, _pinFile) = (null, path);
        return this;
    }

    /// <summary>Calls the app for everything that is stopped. Runs on the way of the inspection: return at once.</summary>
    /// <param name="onViolation">What to do.</param>
    /// <returns>This builder.</returns>
    public AegisBuilder OnViolation(Action<Violation> onViolation) => AddSink(new ViolationSink(onViolation ?? throw new ArgumentNullException(nameof(onViolation))));

    /// <summary>Calls the app for the alerts of every rule whose action is <see cref="AlertAction.Callback"/>: in the background, one alert of a rule at a time, two minutes at most. What it throws is logged by its type.</summary>
    /// <param name="onAlert">What to do.</param>
    /// <returns>This builder.</returns>
    public AegisBuilder OnAlert(Func<Alert, CancellationToken, ValueTask> onAlert)
    {
        _onAlert.Add((null, onAlert ?? throw new ArgumentNullException(nameof(onAlert))));
        return this;
    }

    /// <summary>The same for one rule.</summary>
    /// <param name="ruleId">Id of the rule.</param>
    /// <param name="onAlert">What to do.</param>
    /// <returns>This builder.</returns>
    public AegisBuilder OnAlert(string ruleId, Func<Alert, CancellationToken, ValueTask> onAlert)
    {
        ArgumentException.ThrowIfNullOrEmpty(ruleId);
        _onAlert.Add((ruleId, onAlert ?? throw new ArgumentNullException(nameof(onAlert))));
        return this;
    }

    /// <summary>What sends the alerts of rules whose action is <see cref="AlertAction.Webhook"/>. The package <c>Aegis.AI.Alerting</c> has one: <c>UseAlertWebhooks()</c>. Unless said otherwise the <see cref="IAlertWebhook"/> of the services.</summary>
    /// <param name="webhook">What sends.</param>
    /// <returns>This builder.</returns>
    public AegisBuilder UseAlertWebhook(IAlertWebhook webhook)
    {
        _webhook = webhook ?? throw new ArgumentNullException(nameof(webhook));
        return this;
    }

    /// <summary>Where sessions are remembered; in memory unless said otherwise.</summary>
    /// <param name="store">The store.</param>
    /// <returns>This builder.</returns>
    public AegisBuilder UseSessionStore(ISessionStore store)
    {
        _store = store ?? throw new ArgumentNullException(nameof(store));
        return this;
    }

    /// <summary>Where it is kept what entered sessions, so that it outlasts a restart and all instances know of it; unless said otherwise nowhere, and what another process has seen comes from nobody.</summary>
    /// <param name="store">The store.</param>
    /// <param name="key">Seals what is kept: at least 32 random bytes, the same wherever the store is shared, and not kept beside it. What another key has sealed is forgotten.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="ArgumentException"><paramref name="key"/> is too short.</exception>
    public AegisBuilder UseProvenanceStore(IProvenanceStore store, ReadOnlySpan<byte> key)
    {
        ArgumentNullException.ThrowIfNull(store);
        UseProvenanceKey(key);
        _provenance = store;
        return this;
    }

    /// <summary>The key for the <see cref="IProvenanceStore"/> of the services, which cannot be used without one: see <see cref="UseProvenanceStore"/>. Without a store it is not used.</summary>
    /// <param name="key">At least 32 random bytes.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="ArgumentException"><paramref name="key"/> is too short.</exception>
    public AegisBuilder UseProvenanceKey(ReadOnlySpan<byte> key)
    {
        _provenanceKey = key.Length >= FlowSeal.MinKey ? key.ToArray() : throw new ArgumentException(FormattableString.Invariant($"The key that seals provenance has {key.Length} bytes and needs {FlowSeal.MinKey}. 'openssl rand -base64 32' makes one."), nameof(key));
        return this;
    }

    /// <summary>How long the answer of the session store or of the provenance store may take before the inspection blocks; 2 seconds unless said otherwise.</summary>
    /// <param name="timeout">The time.</param>
    /// <returns>This builder.</returns>
    public AegisBuilder UseStoreTimeout(TimeSpan timeout)
    {
        _storeTimeout = Positive(timeout, nameof(timeout));
        return this;
    }

    /// <summary>The clock; the system's unless said otherwise.</summary>
    /// <param name="time">The clock.</param>
    /// <returns>This builder.</returns>
    public AegisBuilder UseTimeProvider(TimeProvider time)
    {
        _time = time ?? throw new ArgumentNullException(nameof(time));
        return this;
    }

    /// <summary>Where events are logged, under the category <c>Aegis</c>.</summary>
    /// <param name="loggers">The factory.</param>
    /// <returns>This builder.</returns>
    public AegisBuilder UseLoggerFactory(ILoggerFactory loggers)
    {
        _loggers = loggers ?? throw new ArgumentNullException(nameof(loggers));
        return this;
    }

    /// <summary>How long the answer of a guard or of a text extractor may take before the inspection blocks; 10 seconds unless said otherwise.</summary>
    /// <param name="timeout">The time.</param>
    /// <returns>This builder.</returns>
    public AegisBuilder UseGuardTimeout(TimeSpan timeout)
    {
        _guardTimeout = Positive(timeout, nameof(timeout));
        return this;
    }

    /// <summary>Takes the policy up again whenever its file, or one that it extends, has changed. It counts when two looks in a row find it the same, so that nobody is still writing it. A file with mistakes changes nothing but <see cref="AegisGuard.Health"/>.</summary>
    /// <param name="path">The file that the policy was loaded from.</param>
    /// <param name="interval">How often to look, at least 100 milliseconds; 2 seconds unless said otherwise.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="interval"/> is shorter.</exception>
    public AegisBuilder ReloadFrom(string path, TimeSpan? interval = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var period = interval ?? TimeSpan.FromSeconds(2);
        ArgumentOutOfRangeException.ThrowIfLessThan(period, TimeSpan.FromMilliseconds(100), nameof(interval));
        Reload = guard => PolicyReloader.Poll(guard, () => AegisPolicy.Load(path), period);
        return this;
    }

    /// <summary>Where alert rules count together with other instances; nowhere unless said otherwise.</summary>
    internal AegisBuilder UseAlertWindows(IAlertWindows windows)
    {
        _alertWindows = windows;
        return this;
    }

    /// <summary>What <c>otel</c> in <c>audit.transports</c> is. Unless said otherwise the one of the services.</summary>
    internal AegisBuilder UseAuditForwarder(IAuditForwarder forwarder)
    {
        _auditTransports[AuditPolicy.Otel] = forwarder;
        return this;
    }

    /// <summary>Begins to watch where the policy comes from.</summary>
    internal Func<AegisGuard, IDisposable>? Reload { get; set; }

    /// <summary>What was not said here is taken from the services.</summary>
    internal (GuardServices Services, Func<AegisPolicy, CompiledPolicy> Compile, AlertEngine Alerts, ILogger Logger) Build(IServiceProvider? services)
    {
        var loggers = _loggers ?? services?.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance;
        var logger = loggers.CreateLogger("Aegis");
        var time = _time ?? services?.GetService<TimeProvider>() ?? TimeProvider.System;
        var errors = new List<PolicyError>();
        var packs = new List<RulePack>(RulePack.BuiltIn);
        var taken = packs.SelectMany(static pack => pack.Rules).Select(static rule => rule.Id).ToHashSet(StringComparer.Ordinal);
        foreach (var (json, source) in _packs)
        {
            try
            {
                packs.Add(RulePack.Prove(json, source, taken));
            }
            catch (PolicyException e)
            {
                errors.AddRange(e.Errors);
            }
        }

        var provenance = _provenance ?? services?.GetService<IProvenanceStore>();
        if (provenance is not null && _provenanceKey is null)
        {
            errors.Add(new("$.dataFlow.provenance", "has a store among the services and no key to seal what is kept there. Call UseProvenanceKey.") { Code = PolicyErrorCodes.Missing });
        }

        var transports = new Dictionary<string, IAuditTransport>(_auditTransports, StringComparer.Ordinal);
        if (services?.GetService<IAuditForwarder>() is { } forwarder)
        {
            transports.TryAdd(AuditPolicy.Otel, forwarder);
        }

        string[] written = [.. _packs.Select(static pack => pack.Json)];
        var audit = new AuditLog(
            transports,
            new(_instance ?? Said("AEGIS_INSTANCE") ?? Environment.MachineName, _region ?? Said("AEGIS_REGION")),
            time,
            logger,
            loggers.CreateLogger("Aegis.Audit"));
        var failures = new FailureLog(time, logger);
        var heard = new EventHub([new TelemetrySink(), audit, failures, new LoggerSink(logger), .. _sinks, .. services?.GetService<IEnumerable<IEventSink>>() ?? []], logger);
        var outlets = new AlertOutlets(_webhook ?? services?.GetService<IAlertWebhook>(), [.. _onAlert], time, logger);
        var alerts = new AlertEngine(time, heard, outlets, logger, _alertWindows);
        var made = new GuardServices(time)
        {
            Audit = audit,
            Failures = failures,
            Shared = provenance is not null && _provenanceKey is { } key ? new(provenance, key, time, _storeTimeout) : null,
            Store = _store ?? services?.GetService<ISessionStore>() ?? new MemorySessionStore(time: time),
            Events = new([alerts], logger, heard),
            Pins = new(_pins ?? (_pinFile is not null ? new FileToolPinStore(_pinFile, time) : services?.GetService<IToolPinStore>() ?? new MemoryToolPinStore([]))),
            Judge = (_judge ?? services?.GetService<IJudge>() ?? (services is null ? null : Finder?.FindJudge(services, time))) is { } judge ? new(judge) : null,
            Extractor = _extractor ?? services?.GetService<IExtractor>() ?? (services is null ? null : Finder?.FindExtractor(services, time)),
            Extraction = _extraction,
            Approver = _approver ?? services?.GetService<IApprover>(),
            TextExtractor = _textExtractor ?? services?.GetService<ITextExtractor>(),
            UsesApprovalContent = _usesApprovalContent,
            EditsApprovalContent = _editsApprovalContent,
            Describe = _describe,
            CapturesContent = _capturesContent ?? (bool.TryParse(Said(TelemetryNames.CaptureVariable), out var captures) && captures),
            Rules = new(() => RuleFingerprint.Of(written)),
            ApprovalTimeout = _approvalTimeout,
            GuardTimeout = _guardTimeout,
            StoreTimeout = _storeTimeout,
        };
        var configuration = services?.GetService<IConfiguration>();
        var secrets = new SecretSource(Environment.GetEnvironmentVariable, configuration is null ? null : key => configuration[key]);
        object[] guards = [.. _guards];
        ITextClassifier[] classifiers = [.. _classifiers, .. services?.GetService<IEnumerable<ITextClassifier>>() ?? []];
        return (made, Compile, alerts, logger);

        CompiledPolicy Compile(AegisPolicy policy)
        {
            CompiledPolicy compiled;
            try
            {
                compiled = PolicyCompiler.Compile(policy, packs, guards, classifiers, secrets, outlets);
            }
            catch (PolicyException e)
            {
                throw new PolicyException([.. e.Errors, .. errors]);
            }

            PolicyError[] mistakes = policy.Mode == PolicyMode.Off ? [.. errors] : [.. Missing(policy, compiled, made), .. errors];
            return mistakes.Length > 0 ? throw new PolicyException(mistakes) : compiled;
        }
    }

    /// <summary>What a policy asks and nobody answers.</summary>
    private static IEnumerable<PolicyError> Missing(AegisPolicy policy, CompiledPolicy compiled, GuardServices services)
    {
        if (policy.Judge is not null && services.Judge is null)
        {
            yield return new("$.judge", "has nobody to ask. Call UseJudge, or register a chat client as the keyed service 'aegis-judge'.") { Code = PolicyErrorCodes.Missing };
        }

        if (policy.Sandbox is not null && services.Extractor is null)
        {
            yield return new("$.sandbox", "has nobody to take data out. Call UseExtractor, or register a chat client as the keyed service 'aegis-sandbox'.") { Code = PolicyErrorCodes.Missing };
        }

        if (policy.Audit is { } audit)
        {
            foreach (var name in audit.Transports.Where(name => !services.Audit.Knows(name)))
            {
                yield return Unknown("$.audit.transports", name, services.Audit);
            }

            if (audit is { CheckpointTo: { } to, HasCheckpointFile: false } && !services.Audit.Knows(to))
            {
                yield return Unknown("$.audit.checkpointTo", to, services.Audit);
            }
        }

        if (compiled.Audit is { Keys: { IsEmpty: false } audited } && audited.SignsAt(services.Now) is null)
        {
            yield return new("$.audit.keys", "have all expired, so that nothing could be signed. Add a key, or move a 'notAfter' on.") { Code = PolicyErrorCodes.Missing };
        }

        if (compiled.HistoryKeys is { } keys && keys.SignsAt(services.Now) is null)
        {
            yield return new("$.integrity.keys", "have all expired, so that nothing could be signed. Add a key, or move a 'notAfter' on.") { Code = PolicyErrorCodes.Missing };
        }
    }

    private static PolicyError Unknown(string path, string transport, AuditLog log) =>
        transport == AuditPolicy.Otel ? new(path, "has 'otel' and nothing that sends there. Reference the package Aegis.AI.OpenTelemetry and call AddAegisInstrumentation() on the builder of OpenTelemetry's logging; without services, UseOpenTelemetryAudit.") { Code = PolicyErrorCodes.Missing }
        : new(path, $"'{PolicyErrorList.Shown(transport)}' is no transport.{Suggestion.For(transport, log.Names)} Use {string.Join(", ", log.Names.Select(static name => $"'{name}'"))}, or register it with AddAuditTransport(\"{PolicyErrorList.Shown(transport)}\", …).") { Code = PolicyErrorCodes.Unknown };

    internal static string? Said(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value : null;

    /// <summary>Chat clients are nothing that is known here.</summary>
    private static IModelFinder? Finder => Type.GetType("Aegis.ExtensionsAI.KeyedModels, Aegis.ExtensionsAI") is { } type ? Activator.CreateInstance(type) as IModelFinder : null;

    private static TimeSpan Positive(TimeSpan timeout, string name) =>
        timeout > TimeSpan.Zero ? timeout : throw new ArgumentOutOfRangeException(name, "A timeout is positive.");

    private sealed class DelegateApprover(Func<ApprovalRequest, CancellationToken, ValueTask<bool>> approve) : IApprover
    {
        public async ValueTask<ApprovalAnswer> ApproveAsync(ApprovalRequest request, CancellationToken cancellationToken) => await approve(request, cancellationToken);
    }
}
