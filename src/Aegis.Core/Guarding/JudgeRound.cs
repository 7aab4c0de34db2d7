using Aegis.Events;
using Aegis.Judging;
using Aegis.Policies;
using Aegis.Replaying;
using Aegis.Telemetry;

namespace Aegis.Guarding;

/// <summary>One question to the judge: reserve what it costs, ask, settle the account, say so in an event. Whatever goes wrong is what the policy says of failures.</summary>
internal static class JudgeRound
{
    public const string Approved = "judge/approved";

    /// <summary>What the judge says, as a finding.</summary>
    public static async ValueTask<Finding> AskAsync(GuardPipeline pipeline, AegisRun run, Subject subject, Verdict verdict, DecisionId id, CancellationToken cancellationToken)
    {
        var (services, rules) = (pipeline.Services, pipeline.Policy.Judge!);
        if (services.Judge is not { } desk)
        {
            return Failed("judge/missing", null);
        }

        try
        {
            var root = GuardPipeline.RootOf(run);
            var before = subject is UserInput { IsJoined: false } or ToolResult && pipeline.Policy.JoinsTexts ? Said(TapeChannels.JudgeBefore, () => GuardPipeline.MemoryOf(run).TailOf(subject is UserInput { Role: InputRole.User }))! : "";
            if (rules.QuestionOf(subject, verdict, Said(TapeChannels.JudgeRequest, () => desk.Requests.Of(root.Session)), before) is not { } question)
            {
                return Failed("judge/too-long", FormattableString.Invariant($"judge.maxLength: at most {rules.Policy.MaxLength} characters"));
            }

            var key = JudgeDesk.KeyOf(question);
            return KnownOf(desk, key) is { } known ? Of(known) : await AskAsync(desk, question, key).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return Failed("judge/failed", ReplayedException.NameOf(e));
        }

        string? Said(string channel, Func<string?> real) => pipeline.Tape is { } tape ? tape.Ask(channel, TapeCodecs.Text, real) : real();

        JudgeReply? KnownOf(JudgeDesk desk, UInt128 key) => pipeline.Tape is { } tape ? tape.Ask(TapeChannels.JudgeKnown, TapeCodecs.Known(key), () => Remembered(desk, key)) : Remembered(desk, key);

        async ValueTask<Finding> AskAsync(JudgeDesk desk, JudgeQuestion question, UInt128 key)
        {
            var estimate = pipeline.Tape is { } tape ? tape.Ask(TapeChannels.JudgeEstimate, WorkCodec.Usage, () => desk.Judge.Estimate(question)) : desk.Judge.Estimate(question);
            if (await pipeline.ReserveAsync(Helper.Judge, estimate, run, cancellationToken).ConfigureAwait(false) is not (null, var reservation))
            {
                return Failed("judge/budget", "what a call of it costs is not left: judge.maxCallsPerRun, denialOfWallet");
            }

            var began = services.Time.GetTimestamp();
            var (reply, usage, failure) = pipeline.Tape is null ? await HearAsync().ConfigureAwait(false) : await pipeline.Tape.AskAsync(TapeChannels.JudgeAnswer, TapeCodecs.Judged, HearAsync).ConfigureAwait(false);
            var latency = services.Time.GetElapsedTime(began);
            if (usage.Total > 0)
            {
                await pipeline.SettleAsync(reservation, estimate, usage, run, cancellationToken).ConfigureAwait(false);   // an answer that is none has cost what it has
            }

            if (reply is not null && failure is null)
            {
                desk.Remember(key, reply);
            }

            var finding = failure is null ? Of(reply!) : Failed(failure.Value.Rule, failure.Value.Detail);
            AegisInstruments.Judged(latency, subject.Checkpoint, finding.Rule["judge/".Length..]);
            services.Events.Publish(new(id, subject, run.Session, Verdict.Of(finding), pipeline.Policy.IsMonitor && finding.Decision > Decision.Flag ? Decision.Flag : finding.Decision)
            {
                Time = services.Now,
                Duration = latency,
                Run = run.Id.Value,
                Version = pipeline.Policy.Version,
                Named = EventTypes.JudgeEvaluation,
                CostMicros = run.TakeHelped(),   // the inspection may end without an event: it may be cancelled
            });
            return finding;

            ValueTask<(JudgeReply? Reply, TokenUsage Usage, (string Rule, string? Detail)? Failure)> HearAsync() => JudgeRound.HearAsync(services, desk.Judge, question, rules.Policy.Timeout, cancellationToken);
        }

        Finding Of(JudgeReply reply) => reply switch
        {
            { Verdict: JudgeVerdict.Approve } when reply.Confidence >= rules.Policy.MinConfidence => new(Approved, Decision.Flag),
            { Verdict: JudgeVerdict.Approve } => Failed("judge/unsure", FormattableString.Invariant($"judge.minConfidence: at least {rules.Policy.MinConfidence}")),
            { Verdict: JudgeVerdict.Reject } => Rejected(),
            _ => Failed("judge/unclear", null),
        };

        Finding Rejected() => new("judge/rejected", subject is ToolCall && verdict.Decision < Decision.Ask ? rules.RejectedCall : Decision.Block, 1)
        {
            Detail = subject is ToolCall ? "it does not serve what the user asked for" : null,
            Category = subject is ToolCall ? "goal-hijack" : "prompt-injection",
            Owasp = ["LLM01:2025"],
            Atlas = [subject is UserInput ? "AML.T0051.000" : "AML.T0051.001"],
        };

        Finding Failed(string rule, string? detail) => new(rule, rules.Policy.OnFailure switch
        {
            JudgeFailure.Flag => Decision.Flag,
            JudgeFailure.Ask when subject is ToolCall => Decision.Ask,
            _ => Decision.Block,
        })
        {
            Detail = detail,
            IsFailure = rules.Policy.OnFailure == JudgeFailure.Flag || rule is "judge/missing" or "judge/failed" or "judge/timeout",
        };
    }

    private static JudgeReply? Remembered(JudgeDesk desk, UInt128 key) => desk.TryGet(key, out var known) ? known : null;

    private static async ValueTask<(JudgeReply? Reply, TokenUsage Usage, (string Rule, string? Detail)? Failure)> HearAsync(GuardServices services, IJudge judge, JudgeQuestion question, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(timeout, services.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            using (AegisAmbient.Inspecting())
            {
                var slow = Task.Run(() => judge.JudgeAsync(question, either.Token).AsTask(), either.Token);   // one that blocks its thread is left behind too
                Abandoned.Observe(slow);
                var reply = await slow.WaitAsync(either.Token).ConfigureAwait(false);
                return reply is { Confidence: >= 0 and <= 1 } && Enum.IsDefined(reply.Verdict) ? (reply, reply.Usage, null) : (null, reply?.Usage ?? default, ("judge/failed", "its answer is none"));
            }
        }
        catch (Exception e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return (null, (e as AegisException)?.Spent ?? default, deadline.IsCancellationRequested ? ("judge/timeout", FormattableString.Invariant($"judge.timeout: {timeout:c}")) : ("judge/failed", e.GetType().Name));
        }
    }
}
