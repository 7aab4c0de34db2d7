using System.Text;
using System.Text.Json;
using Aegis.Events;
using Aegis.Sandboxing;

namespace Aegis.Guarding;

/// <summary>
/// Data out of one text: for each try reserve what it costs, ask, settle the account, read the reply against schema and document, and have the guards read its texts.
/// What has mistakes is tried again and told what they were. Ends with an event, and with data or a finding that says why there is none.
/// </summary>
internal sealed class ExtractionRound
{
    /// <summary>Characters of a text, at most.</summary>
    public const int MaxLength = 262_144;

    private const string Done = "sandbox/extracted";

    private readonly GuardPipeline _pipeline;
    private readonly AegisRun _run;
    private readonly ToolResult _document;
    private readonly ExtractionSchema _schema;
    private readonly DecisionId _id;
    private readonly double _refusesFrom;
    private int _tries;

    private ExtractionRound(GuardPipeline pipeline, AegisRun run, ToolResult document, ExtractionSchema schema, DecisionId id, double refusesFrom)
    {
        (_pipeline, _run, _schema, _id, _refusesFrom) = (pipeline, run, schema, id, refusesFrom);
        _document = document with { Text = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(document.Text)) };   // lone surrogates are nothing that a model can be sent
    }

    /// <summary>Whether data came out where it was asked for.</summary>
    public static bool GaveData(Verdict verdict) => verdict.Findings.Any(static finding => finding.Rule == Done);

    private GuardServices Services => _pipeline.Services;

    /// <summary>The data, or null, and a finding that says which.</summary>
    /// <param name="pipeline">What judges it.</param>
    /// <param name="run">The run that pays.</param>
    /// <param name="document">The text.</param>
    /// <param name="schema">What may be taken out of it.</param>
    /// <param name="id">The decision.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <param name="refusesFrom">The risk from which a text of the data is refused that would not be stopped.</param>
    public static async ValueTask<(JsonElement? Value, Finding Finding)> AskAsync(GuardPipeline pipeline, AegisRun run, ToolResult document, ExtractionSchema schema, DecisionId id, CancellationToken cancellationToken, double refusesFrom = double.PositiveInfinity)
    {
        var round = new ExtractionRound(pipeline, run, document, schema, id, refusesFrom);
        var began = pipeline.Services.Time.GetTimestamp();
        round.Publish(EventTypes.SandboxTrigger, Verdict.None, Decision.Allow, TimeSpan.Zero);
        (JsonElement? Value, Finding Finding) result;
        try
        {
            result = await round.TryAllAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            round.PublishResult(Finding.Block("sandbox/cancelled"), began);
            throw;
        }

        return (result.Value, round.PublishResult(result.Finding, began));
    }

    /// <summary>Says what came of it.</summary>
    /// <returns>The finding, with the number of tries.</returns>
    private Finding PublishResult(Finding finding, long began)
    {
        finding = finding with { Detail = FormattableString.Invariant($"{(finding.Detail is { } detail ? $"{detail}; " : "")}{_tries} {(_tries == 1 ? "try" : "tries")}") };
        Publish(EventTypes.SandboxResult, Verdict.Of(finding), _pipeline.Policy.IsMonitor && finding.Decision > Decision.Flag ? Decision.Flag : finding.Decision, Services.Time.GetElapsedTime(began), _run.TakeHelped());   // an app that asks it alone has no other event
        return finding;
    }

    private async ValueTask<(JsonElement? Value, Finding Finding)> TryAllAsync(CancellationToken cancellationToken)
    {
        if (Services.Extractor is not { } extractor)
        {
            return (null, Finding.Failed("sandbox/missing", "register an IExtractor with UseExtractor"));
        }

        if (_document.MediaRisk is not null)
        {
            return (null, Finding.Block("sandbox/media", "there is more in it than text"));
        }

        if (_document.Text.Length > MaxLength)
        {
            return (null, Finding.Block("sandbox/too-long", FormattableString.Invariant($"at most {MaxLength} characters")));
        }

        var settings = Services.Extraction;
        using var deadline = new CancellationTokenSource(settings.Timeout, Services.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            if (ExtractionReading.Of(_document.Text, _schema, _document.Text) is { Value: { } same, Texts: var texts } && (_pipeline.Policy.IsOff || (await RefusedAsync(same, texts, either.Token)).Count == 0))
            {
                return (same, new(Done, Decision.Flag));   // it is nothing else than such data
            }

            IReadOnlyList<string> mistakes = [];
            while (_tries <= settings.MaxRetries)
            {
                var (value, refusal, wrong) = await TryAsync(extractor, mistakes, either.Token, cancellationToken);
                if (value is not null || refusal is not null)
                {
                    return (value, refusal ?? new(Done, Decision.Flag));
                }

                mistakes = wrong;
            }

            return (null, Finding.Block("sandbox/invalid", mistakes[0]));
        }
        catch (Exception e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return (null, deadline.IsCancellationRequested ? Finding.Failed("sandbox/timeout", FormattableString.Invariant($"{settings.Timeout:c}")) : Finding.Failed("sandbox/failed", e.GetType().Name));
        }
    }

    private async ValueTask<(JsonElement? Value, Finding? Refusal, IReadOnlyList<string> Mistakes)> TryAsync(IExtractor extractor, IReadOnlyList<string> mistakes, CancellationToken either, CancellationToken cancellationToken)
    {
        var request = new ExtractionRequest(_document.Text, _schema, mistakes);
        var estimate = extractor.Estimate(request);
        var (refusal, reservation) = _pipeline.Policy.IsOff ? default : await _pipeline.ReserveAsync(Helper.Sandbox, estimate, _run, cancellationToken);
        if (refusal is not null)
        {
            return (null, refusal, []);
        }

        _tries++;
        ExtractorReply? reply;
        using (AegisAmbient.Inspecting())
        {
            either.ThrowIfCancellationRequested();
            var slow = Task.Run(() => extractor.ExtractAsync(request, either).AsTask(), either);   // one that blocks its thread is left behind too
            Abandoned.Observe(slow);
            try
            {
                reply = await slow.WaitAsync(either);
            }
            catch (AegisException e) when (e.Spent.Total > 0 && !_pipeline.Policy.IsOff)
            {
                await _pipeline.SettleAsync(reservation, estimate, e.Spent, _run, cancellationToken);   // an answer that is none has cost what it has
                throw;
            }
        }

        if (reply?.Usage.Total > 0 && !_pipeline.Policy.IsOff)
        {
            await _pipeline.SettleAsync(reservation, estimate, reply.Usage, _run, cancellationToken);
        }

        if (reply is null)
        {
            return (null, Finding.Failed("sandbox/failed", "it has no reply"), []);
        }

        var reading = ExtractionReading.Of(reply.Json, _schema, _document.Text);
        if (reading.Value is null || _pipeline.Policy.IsOff)
        {
            return (reading.Value, null, reading.Mistakes);
        }

        var refused = await RefusedAsync(reading.Value.Value, reading.Texts, either);
        return refused.Count == 0 ? (reading.Value, null, []) : (null, null, refused);
    }

    /// <summary>Texts that would be stopped if a tool had returned them, one by one and all together, as words and as pieces of one.</summary>
    private async ValueTask<List<string>> RefusedAsync(JsonElement data, IReadOnlyList<(string Path, string Text)> texts, CancellationToken cancellationToken)
    {
        List<ToolResult> parts = [.. texts.Select(text => PartOf(text.Text))];
        if (parts.Count > 1)
        {
            parts.Add(PartOf(string.Join('\n', texts.Select(static text => text.Text))));
            parts.Add(PartOf(string.Concat(texts.Select(static text => text.Text))));
        }

        var isShown = double.IsFinite(_refusesFrom);
        if (isShown)
        {
            parts.Add(PartOf(DataText.Of(data)));   // with names, numbers and words of enumerations
        }

        var verdicts = await _pipeline.ReadPartsAsync(parts, _run, _id, isShown, cancellationToken);
        var refused = new List<string>();
        for (var i = 0; i < verdicts.Length && !_pipeline.Policy.IsMonitor && (i < texts.Count || refused.Count == 0); i++)
        {
            if (verdicts[i].Decision >= Decision.Redact || verdicts[i].Risk >= _refusesFrom)
            {
                refused.Add(i < texts.Count ? $"{texts[i].Path} holds words that may not go on: choose others of the document, or leave it out if it may be left out." : "the reply's texts hold words that may not go on together: choose others, or leave out what may be left out.");
            }
        }

        return refused;

        ToolResult PartOf(string text) => new(_document.Tool, text) { LocalName = _document.LocalName };
    }

    private void Publish(string type, Verdict verdict, Decision decision, TimeSpan duration, long cost = 0)
    {
        if (!_pipeline.Policy.IsOff)
        {
            Services.Events.Publish(new(_id, _document, _run.Session, verdict, decision)
            {
                Time = Services.Now,
                Duration = duration,
                Run = _run.Id.Value,
                Version = _pipeline.Policy.Version,
                Named = type,
                CostMicros = cost,
            });
        }
    }
}
