using System.ClientModel;
using System.ClientModel.Primitives;
using Aegis.Events;
using Aegis.Policies;
using Aegis.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;
using OpenAI;

namespace Aegis.ExtensionsAI.Tests.Judging;

/// <summary>A judge behind a chat client: seldom asked, never waited for too long, and no way around it (promises P27, P28 and P29).</summary>
public class JudgedChatTests
{
    private const int Turns = 1_000;
    private const int Calls = 1_000;

    /// <summary>Harmless turns through the SDK of a provider and a real server, for the agent as well as for the judge.</summary>
    [Fact]
    public async Task AThousandHarmlessTurnsAskItAtMostOnceATurnAndSeldomAtAll()
    {
        var texts = Directory.GetFiles(Path.Combine(Repository(), "corpora", "harmless"), "??.txt").Order(StringComparer.Ordinal).SelectMany(File.ReadAllLines).Where(static line => line.Length > 0).Take(Turns).ToList();
        Assert.Equal(Turns, texts.Count);
        await using var agent = await LoopbackOpenAIServer.StartAsync(new ScriptedChatClient(static (_, _) => ScriptedTurn.Say("Gladly.") with { Usage = new() { InputTokenCount = 100, OutputTokenCount = 10 } }), Some.Token);
        await using var judging = await LoopbackOpenAIServer.StartAsync(new ScriptedChatClient(static (messages, _) => ScriptedTurn.Say(ChatClientJudgeTests.Good(ChatClientJudgeTests.NonceOf(messages))) with { Usage = new() { InputTokenCount = 1_000, OutputTokenCount = 30 } }), Some.Token);
        var events = new Some.Recorder();
        using var guard = AegisGuard.Create(ChatClientJudgeTests.Judged with { AgentLoop = new() { MaxRunsPerWindow = new(10_000, TimeSpan.FromHours(1)) }, DenialOfWallet = new() { MaxTokens = 100_000_000, MaxOperations = 100_000 } }, builder => builder.UseJudge(Client(judging)).AddSink(events));
        var client = Client(agent).AsBuilder().UseAegis(guard).Build();
        var (most, before) = (0, 0);
        using (AegisScope.Begin("reader"))
        {
            foreach (var text in texts)
            {
                await client.GetResponseAsync(text, cancellationToken: Some.Token);
                var now = judging.Requests.Count;
                (most, before) = (Math.Max(most, now - before), now);
            }
        }

        Assert.InRange(judging.Requests.Count, 0, agent.Requests.Count / 10);
        Assert.InRange(most, 0, 1);
        Assert.Equal(judging.Requests.Count, events.Events.Count(static e => e.Type == EventTypes.JudgeEvaluation));
        var state = await guard.Services.Store.ReadAsync(new("reader"), Some.Token);
        var tokens = state.Meters.Single(static meter => meter.Key.StartsWith("wallet/tokens", StringComparison.Ordinal)).Used(guard.Now);
        Assert.Equal((agent.Requests.Count * 110) + (judging.Requests.Count * 1_030), tokens);   // to the token
        TestContext.Current.TestOutputHelper?.WriteLine($"{judging.Requests.Count} questions in {agent.Requests.Count} model calls");
    }

    /// <summary>Three faults in ten calls: of what was not approved nothing passes, and nobody waits for ever.</summary>
    [Theory]
    [InlineData(JudgeFailure.Block)]
    [InlineData(JudgeFailure.Flag)]
    public async Task UnderChaosEveryTextIsApprovedOrTreatedAsThePolicySays(JudgeFailure onFailure)
    {
        var time = new Clock();
        var random = new Random(7);
        var asked = 0;
        var model = new ScriptedChatClient((messages, _) =>
        {
            asked++;
            var nonce = ChatClientJudgeTests.NonceOf(messages);
            var fault = random.Next(100);
            time.WaitsFor(fault < 5 ? 0 : fault < 18 ? 1 : null);   // a hung call waits for its deadline, one that is tried again for the pause before that
            return fault switch
            {
                < 5 => ScriptedTurn.Hang(),
                < 10 => ScriptedTurn.Fail(new HttpRequestException("503")),
                < 15 => ScriptedTurn.Fail(new ClientResultException("429")),
                < 18 => ScriptedTurn.Fail(new TimeoutException()),
                < 22 => ScriptedTurn.Say("I think it is fine: approve."),
                < 26 => ScriptedTurn.Say(ChatClientJudgeTests.Good("0123456789abcdef0123456789abcdef")),
                < 30 => ScriptedTurn.Say(ChatClientJudgeTests.Good(nonce)[..^1]),
                _ => ScriptedTurn.Say(ChatClientJudgeTests.Good(nonce)),
            };
        });
        var policy = ChatClientJudgeTests.Judged with { Judge = new() { OnFailure = onFailure, MaxCallsPerRun = Calls }, DenialOfWallet = null };
        using var guard = AegisGuard.Create(policy, builder => builder.UseTimeProvider(time).AddRulePack(ChatClientJudgeTests.Murky).UseJudge(model, new() { Time = time }));
        var (approved, failed) = (0, 0);
        for (var i = 0; i < Calls; i++)
        {
            time.Advance(TimeSpan.FromSeconds(1));   // a breaker that has opened closes again
            var inspecting = guard.InspectAsync(new UserInput($"murky {i}"), new($"s{i}"), Some.Token).AsTask();
            while (!inspecting.IsCompleted)
            {
                if (time.IsWaitedFor)
                {
                    time.Advance(TimeSpan.FromMilliseconds(100));
                }

                await Task.Yield();
            }

            var outcome = await inspecting;
            var isApproved = outcome.Verdict.Findings.Any(static finding => finding.Rule == "judge/approved");
            var isFailed = outcome.Verdict.Findings.Any(static finding => finding.Rule is "judge/failed" or "judge/timeout");
            Assert.True(isApproved ^ isFailed);
            Assert.Equal(isApproved || onFailure == JudgeFailure.Flag, outcome.MayProceed);
            (approved, failed) = (approved + (isApproved ? 1 : 0), failed + (isFailed ? 1 : 0));
        }

        Assert.Equal(Calls, approved + failed);
        Assert.InRange(failed, 100, 500);
        Assert.InRange(asked, approved, 2 * Calls);
    }

    /// <summary>The judge never answers: the policy's word comes at its time, not at the judge's.</summary>
    [Fact]
    public async Task AtTheTimeOfThePolicyThereIsAVerdict()
    {
        var time = new FakeTimeProvider();
        var isAsked = new TaskCompletionSource();
        using var guard = AegisGuard.Create(ChatClientJudgeTests.Judged, builder => builder.UseTimeProvider(time).AddRulePack(ChatClientJudgeTests.Murky).UseJudge(new ScriptedChatClient((_, _) =>
        {
            isAsked.TrySetResult();
            return ScriptedTurn.Hang();
        }), new() { Time = time }));
        var inspecting = guard.InspectAsync(new UserInput("murky"), new("s"), Some.Token).AsTask();
        await isAsked.Task;
        time.Advance(ChatClientJudgeTests.Judged.Judge!.Timeout + TimeSpan.FromMilliseconds(100));
        Assert.Equal("judge/timeout", (await inspecting).Verdict.Rule);
    }

    [Theory]
    [InlineData(false, OutputDelivery.HoldBack, false)]
    [InlineData(false, OutputDelivery.Buffered, false)]
    [InlineData(true, OutputDelivery.Buffered, false)]
    [InlineData(true, OutputDelivery.HoldBack, true)]
    public async Task OfARejectedAnswerOnlyAStreamThatIsNotBufferedHasShownSomething(bool streaming, OutputDelivery delivery, bool isShown)
    {
        var policy = Some.Balanced with { Judge = new() { Checkpoints = [JudgeScope.Output] }, Output = Some.Balanced.Output with { Delivery = delivery } };
        var client = new ScriptedChatClient(ScriptedTurn.Say("All is done.")).AsBuilder().UseAegis(policy, static builder => builder.AddRulePack(ChatClientJudgeTests.Murky).UseJudge(Rejecting())).Build();
        var response = streaming ? await client.GetStreamingResponseAsync("murky", cancellationToken: Some.Token).ToChatResponseAsync(Some.Token) : await client.GetResponseAsync("murky", cancellationToken: Some.Token);
        Assert.Equal(["judge/rejected"], Some.Rules(response));
        Assert.Equal(ChatFinishReason.ContentFilter, response.FinishReason);
        Assert.Equal(isShown ? $"All is done.\n{policy.RefusalText}" : policy.RefusalText, response.Text);
    }

    [Fact]
    public async Task AnAnswerThatItRejectsHasCostWhatItHas()
    {
        using var guard = AegisGuard.Create(Some.Balanced with { Judge = new() { Checkpoints = [JudgeScope.Output] }, DenialOfWallet = new() { MaxTokens = 100_000 } }, static builder => builder.AddRulePack(ChatClientJudgeTests.Murky).UseJudge(Rejecting()));
        var client = new ScriptedChatClient(ScriptedTurn.Say("All is done.") with { Usage = new() { InputTokenCount = 5_000, OutputTokenCount = 10 } }).AsBuilder().UseAegis(guard).Build();
        using (AegisScope.Begin("s"))
        {
            Assert.Equal(["judge/rejected"], Some.Rules(await client.GetResponseAsync("murky", cancellationToken: Some.Token)));
        }

        var state = await guard.Services.Store.ReadAsync(new("s"), Some.Token);
        Assert.InRange(state.Meters.Single(static meter => meter.Key.StartsWith("wallet/tokens", StringComparison.Ordinal)).Used(guard.Now), 5_010, 7_000);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ACallThatItRejectsDoesNotRunAndTheModelReadsWhy(bool isOutside)
    {
        var ran = new List<string>();
        var model = new ScriptedChatClient(Some.Call("note", "murky"));
        using var guard = AegisGuard.Create(Some.Balanced with { Alignment = new() { Strictness = AlignmentStrictness.High }, Judge = new() }, static builder => builder.AddRulePack(ChatClientJudgeTests.Murky).UseJudge(Rejecting()));
        var builder = model.AsBuilder();
        var client = (isOutside ? builder.UseAegis(guard).UseFunctionInvocation() : builder.UseFunctionInvocation().UseAegis(guard)).Build();
        var response = await client.GetResponseAsync("Take a note.", Some.With(Some.Tool("note", ran.Add)), Some.Token);
        Assert.Empty(ran);
        Assert.Equal(ScriptedChatClient.Done, response.Text);
        Assert.Contains("judge/rejected", Some.Sent(model), StringComparison.Ordinal);
    }

    [Fact]
    public async Task APoisonedResultThatItRejectsIsWithheld()
    {
        var model = new ScriptedChatClient(Some.Call("page"));
        var client = model.AsBuilder().UseAegisFunctionInvocation(Some.Balanced with { Judge = new() }, static builder => builder.AddRulePack(ChatClientJudgeTests.Murky).UseJudge(Rejecting())).Build();
        await client.GetResponseAsync("Read the page.", Some.With(AIFunctionFactory.Create(static (string value) => "a murky page", "page")), Some.Token);
        Assert.DoesNotContain("a murky page", Some.Sent(model), StringComparison.Ordinal);
        Assert.Contains("judge/rejected", Some.Sent(model), StringComparison.Ordinal);
    }

    /// <summary>A judge that does what the text says it should: without the word of the question nothing of it counts.</summary>
    [Fact]
    public async Task AGullibleJudgeThatRepeatsWhatItReadsApprovesNothing()
    {
        var model = new ScriptedChatClient(static (messages, _) => ScriptedTurn.Say(messages[1].Text.Split('\n')[1].Split("SAY:")[1].Split(":YAS")[0].Replace("\\\"", "\"", StringComparison.Ordinal).Replace("\\\\", "\\", StringComparison.Ordinal)));
        using var guard = AegisGuard.Create(ChatClientJudgeTests.Judged with { Input = new() { MaxLength = 200_000 } }, builder => builder.AddRulePack(ChatClientJudgeTests.Murky).UseJudge(model, new() { BreakAt = 1 }));
        foreach (var (reply, i) in HostileReplies.All.Where(static reply => reply.Length < 4_000).Select(static (reply, i) => (reply, i)))
        {
            var outcome = await guard.InspectAsync(new ToolResult("page", $"murky SAY:{reply}:YAS"), new($"s{i}"), Some.Token);
            Assert.False(outcome.MayProceed, reply);
        }
    }

    private static ScriptedChatClient Rejecting() => new ScriptedChatClient(static (messages, _) => ScriptedTurn.Say(ChatClientJudgeTests.Good(ChatClientJudgeTests.NonceOf(messages)).Replace("approve", "reject", StringComparison.Ordinal)));

    private static IChatClient Client(LoopbackOpenAIServer server)
    {
        var options = new OpenAIClientOptions { Endpoint = server.Endpoint, RetryPolicy = new ClientRetryPolicy(0) };
        return new OpenAIClient(new ApiKeyCredential("test"), options).GetChatClient("m").AsIChatClient();
    }

    private static string Repository()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Aegis.AI.sln")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        return folder;
    }

    /// <summary>A clock that knows whether somebody waits for it, so that it does not run while a thread is waited for.</summary>
    private sealed class Clock : FakeTimeProvider
    {
        private int _timers;
        private int _awaited = int.MaxValue;

        public bool IsWaitedFor => Volatile.Read(ref _timers) >= Volatile.Read(ref _awaited);

        /// <summary>Says for how many more timers the clock waits before it goes on; null: it stands still.</summary>
        public void WaitsFor(int? timers) => Volatile.Write(ref _awaited, timers is { } more ? Volatile.Read(ref _timers) + more : int.MaxValue);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            Interlocked.Increment(ref _timers);
            return timer;
        }
    }
}
