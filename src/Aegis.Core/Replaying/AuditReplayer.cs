using System.Text.Json;
using Aegis.Auditing;
using Aegis.Guarding;
using Aegis.Policies;

namespace Aegis.Replaying;

/// <summary>
/// Judges again what the records of an audit log are about, with the pipeline of a policy and all that was heard from outside then. Records come in the order of the
/// log: those of the calls of one step belong together. Not thread-safe.
/// </summary>
internal sealed class AuditReplayer : IDisposable
{
    private const int Steps = 64;   // whose first record is remembered

    private readonly AegisGuard _guard;
    private readonly IReadOnlyList<ContentKey> _keys;
    private readonly bool _isWhatIf;
    private readonly string _rules;
    private readonly Dictionary<string, (GuardPipeline Pipeline, string Hash)> _pipelines;
    private readonly Dictionary<string, byte[]> _heads = new(StringComparer.Ordinal);
    private readonly Queue<string> _order = [];

    /// <param name="policy">The policy.</param>
    /// <param name="packs">Rule packs of the app, with their names, in the order in which it adds them.</param>
    /// <param name="keys">Keys of the content.</param>
    /// <param name="isWhatIf">Whether records of other policies and of another Aegis are judged too.</param>
    /// <exception cref="PolicyException">The policy or a pack has mistakes.</exception>
    public AuditReplayer(AegisPolicy policy, IReadOnlyList<(string Json, string Source)> packs, IReadOnlyList<ContentKey> keys, bool isWhatIf)
    {
        (_keys, _isWhatIf) = (keys, isWhatIf);
        _rules = RuleFingerprint.Of(packs.Select(static pack => pack.Json));
        var silent = new SilentHelper();

        // What signs, records and alerts decides nothing, and its secrets need not be here.
        _guard = AegisGuard.Create(policy with { Audit = null, Integrity = null, Alerting = null }, builder =>
        {
            builder.UseTimeProvider(new StoppedTime()).UseJudge(silent).UseExtractor(silent).UseApprover(silent);
            foreach (var (json, source) in packs)
            {
                builder.AddRulePack(json, source);
            }
        });
        var pipeline = _guard.Pipeline;
        _pipelines = new(StringComparer.Ordinal) { [PolicyCompiler.VersionOf(policy).Hash] = (pipeline, PolicyCompiler.VersionOf(policy).Hash) };
        if (pipeline.Stricter is { } stricter)
        {
            var hash = PolicyCompiler.VersionOf(PolicyCompiler.Stricter(policy)).Hash;
            _pipelines[hash] = (stricter, hash);
        }
    }

    public void Dispose() => _guard.Dispose();

    /// <summary>Whether a record is about an inspection, so that it is one to replay.</summary>
    public static bool IsInspection(JsonElement record) => Text(record, "replay") is not null;

    /// <summary>Replays one record.</summary>
    public async ValueTask<ReplayResult> ReplayAsync(JsonElement record, CancellationToken cancellationToken)
    {
        if (Text(record, "replay") is not { } said || Text(record, "id") is not { } id || Text(record, "policyHash") is not { } hash)
        {
            return ReplayResult.Not("nothing was kept for a replay: audit.content");
        }

        if (ReplayToken.Parse(said) is not { } token)
        {
            return ReplayResult.Not("what was kept is not of a version that is known here");
        }

        if (token.Why is not null)
        {
            return ReplayResult.Not(token.Why) with { IsNever = true };
        }

        if (_keys.FirstOrDefault(key => key.Id == token.Key) is not { } key)
        {
            return ReplayResult.Not($"the key {AuditText.Of(token.Key)} of its content is not here");
        }

        if (token.Open(key, ReplayToken.AboutOf(id, hash)) is not { } bytes)
        {
            return ReplayResult.Not("what was kept was changed, or is another record's");
        }

        try
        {
            return await ReplayAsync(record, id, hash, token.IsHashed, bytes, cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return ReplayResult.Not($"it cannot be read: {e.GetType().Name}");
        }
    }

    private async ValueTask<ReplayResult> ReplayAsync(JsonElement record, string id, string hash, bool isHashed, byte[] bytes, CancellationToken cancellationToken)
    {
        var isOther = !_pipelines.TryGetValue(hash, out var known);
        var pipeline = isOther ? _guard.Pipeline : known.Pipeline;
        if (isOther && !_isWhatIf)
        {
            return ReplayResult.Not($"another policy decided, {AuditText.Of(hash)}, and not {string.Join(" or ", _pipelines.Keys)}");
        }

        var reader = Reader(pipeline, bytes);
        var index = (int)reader.Number();
        var head = reader;
        if (index > 0)
        {
            var first = reader.Name();
            if (!_heads.TryGetValue(first, out var kept))
            {
                return ReplayResult.Not("the record of the first call of its step is not in the log before it");
            }

            head = Reader(pipeline, kept);
            head.Number();
        }
        else
        {
            Remember(id, bytes);
        }

        var count = (int)head.Number();
        var begin = Reader(pipeline, head.Bytes());
        var rules = begin.Name();
        if (rules != _rules && !_isWhatIf)
        {
            return ReplayResult.Not($"another version of Aegis, or other rule packs, decided: {AuditText.Of(rules)}, and here is {_rules}");
        }

        var blobs = head.All(head.Bytes);
        var channels = new Dictionary<string, List<int>>(StringComparer.Ordinal);
        head.All(() => channels[head.Name()] = head.All(() => (int)head.Number()));
        var (verdict, decision) = TapeOutcome.Read(index > 0 ? reader : head);
        var tape = new TapePlayer(isHashed, blobs, channels, blob => Reader(pipeline, blob));
        var kind = (TapeKind)begin.Byte();
        var run = RunCodec.Read(begin, _guard);
        var subjects = begin.All(() => SubjectCodec.Read(begin));
        var finding = VerdictCodec.Finding.Read(begin);
        if (subjects.Count != count || index >= count)
        {
            return ReplayResult.Not("it is malformed");
        }

        var isWhatIf = isOther || rules != _rules;
        Inspection? now;
        try
        {
            now = await JudgeAsync(new(pipeline.Policy, pipeline.Services, tape), kind, subjects, index, run, finding, cancellationToken);
        }
        catch (DivergedException e)
        {
            return new(ReplayOutcome.Different, e.Message) { Recorded = (verdict, decision), IsWhatIf = isWhatIf };
        }

        var result = Compare((verdict, decision), now is { } made ? (made.Verdict, made.Decision) : (Verdict.None, Decision.Allow), isHashed, tape.Diverged) with { IsWhatIf = isWhatIf };
        return result.Outcome is ReplayOutcome.Same or ReplayOutcome.SameWithoutTexts && Visible(record, verdict, decision) is { } wrong ? result with { Outcome = ReplayOutcome.Different, Why = wrong } : result;
    }

    private static async ValueTask<Inspection?> JudgeAsync(GuardPipeline pipeline, TapeKind kind, List<Subject> subjects, int index, AegisRun run, Finding? finding, CancellationToken cancellationToken) => kind switch
    {
        TapeKind.Inspect => await pipeline.InspectAsync(subjects[0], run, cancellationToken),
        TapeKind.InspectAll => (await pipeline.InspectAllAsync(subjects.ConvertAll(static subject => (ToolCall)subject), run, cancellationToken))[index],
        TapeKind.RefuseUnasked => await pipeline.RefuseUnaskedAsync((ToolCall)subjects[0], run, cancellationToken),
        TapeKind.Release => await pipeline.ReleaseAsync((ToolResult)subjects[0], run, finding!, cancellationToken),
        TapeKind.Record => await pipeline.RecordAsync(subjects[0], run, finding!, cancellationToken),
        _ => throw TapeReader.Malformed(),
    };

    private static ReplayResult Compare((Verdict Verdict, Decision Decision) then, (Verdict Verdict, Decision Decision) now, bool isHashed, string? diverged)
    {
        var isSame = Bytes(then, isHashed).AsSpan().SequenceEqual(Bytes(now, isHashed));
        return new(isSame && diverged is null ? isHashed ? ReplayOutcome.SameWithoutTexts : ReplayOutcome.Same : ReplayOutcome.Different, diverged ?? (isSame ? null : DifferenceOf(then, now))) { Recorded = then, Replayed = now };
    }

    private static byte[] Bytes((Verdict Verdict, Decision Decision) outcome, bool isHashed)
    {
        using var writer = new TapeWriter(isHashed ? Nothing : null);
        TapeOutcome.Write(writer, outcome.Verdict, outcome.Decision);
        return writer.ToArray();
    }

    /// <summary>Leaves out what was not kept; no text is hashed with it.</summary>
    private static ContentKey Nothing { get; } = new([0]);

    private static string DifferenceOf((Verdict Verdict, Decision Decision) then, (Verdict Verdict, Decision Decision) now)
    {
        var (before, after) = (then.Verdict.Findings, now.Verdict.Findings);
        if (then.Decision != now.Decision)
        {
            return $"decided {Word(then.Decision)} then and {Word(now.Decision)} now";
        }

        for (var i = 0; i < Math.Min(before.Length, after.Length); i++)
        {
            if (before[i].Rule != after[i].Rule)
            {
                return FormattableString.Invariant($"finding {i + 1} is {AuditText.Of(before[i].Rule)} then and {AuditText.Of(after[i].Rule)} now");
            }

            if (before[i].Risk.CompareTo(after[i].Risk) != 0 || before[i].Range != after[i].Range || before[i].Decision != after[i].Decision)
            {
                return FormattableString.Invariant($"finding {i + 1}, {AuditText.Of(before[i].Rule)}, has another decision, risk or place: {Word(before[i].Decision)} {before[i].Risk:R} then, {Word(after[i].Decision)} {after[i].Risk:R} now");
            }
        }

        return before.Length != after.Length ? FormattableString.Invariant($"{before.Length} findings then and {after.Length} now") : "the findings differ in their details";
    }

    /// <summary>What everybody can read of the record says something else than what was kept; null: the same.</summary>
    private static string? Visible(JsonElement record, Verdict verdict, Decision decision) =>
        Text(record, "decision") != Word(decision) || Text(record, "verdict") is var said && (said ?? Word(decision)) != Word(verdict.Decision)
            || !(record.TryGetProperty("rules", out var rules) ? [.. rules.EnumerateArray().Select(static rule => rule.GetString())] : Array.Empty<string?>()).SequenceEqual(verdict.Findings.Select(static finding => AuditText.Of(finding.Rule)).Distinct(StringComparer.Ordinal), StringComparer.Ordinal)
            ? "the record says something else than what was kept for its replay" : null;

    private TapeReader Reader(GuardPipeline pipeline, byte[] bytes) => new(bytes, pipeline.Policy.Tools, _guard.Services.Store, _guard.InstanceSession);

    private void Remember(string id, byte[] bytes)
    {
        if (_heads.TryAdd(id, bytes))
        {
            _order.Enqueue(id);
            if (_order.Count > Steps)
            {
                _heads.Remove(_order.Dequeue());
            }
        }
    }

    private static string Word(Decision decision) => AuditJson.NameOf(decision);

    private static string? Text(JsonElement record, string name) => record.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
