using System.Runtime.CompilerServices;
using Aegis.Policies;
using Aegis.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;

namespace Aegis.ExtensionsAI.Tests.Signing;

/// <summary>A request whose answer did not leave whole must come back all the same; its answer may come back as far as it left, or not.</summary>
public class UnfinishedTurnsTests
{
    private static readonly SessionId Mine = new("c1", "ann");

    public static TheoryData<string> Ways => ["left", "cancelled", "blocked", "thrown"];

    [Theory, MemberData(nameof(Ways))]
    public async Task TheRequestMustComeBack(string how)
    {
        var (chat, history) = await UnfinishedAsync(how);
        var before = history[..4];   // the turn before it
        Assert.Equal(["integrity/rollback"], Rules(await chat.VerifyAsync([.. before, new(ChatRole.User, "something else")], Mine)));
        Assert.Equal(Decision.Allow, (await chat.VerifyAsync([.. history[..5], new(ChatRole.User, "something else")], Mine)).Decision);   // without the answer
        Assert.Equal(Decision.Allow, (await chat.VerifyAsync([.. history, new(ChatRole.User, "something else")], Mine)).Decision);   // with what left of it
        Assert.Equal(Decision.Allow, (await chat.VerifyAsync(history[..5], Mine)).Decision);   // again
        history.Add(new(ChatRole.User, "question 3"));
        Assert.Equal("Answer 3.", (await chat.SendAsync(history, Mine)).Messages[^1].Text);
    }

    [Fact]
    public async Task InTheFirstTurnToo()
    {
        var (chat, history) = (new Chat(new ScriptedChatClient(ScriptedTurn.Say("A long answer that nobody reads to its end."), ScriptedTurn.Say("Yes.")), "manual"), new List<ChatMessage> { new(ChatRole.User, "hi"), new(ChatRole.User, "there") });
        using (AegisScope.Begin(Mine))
        {
            await foreach (var _ in chat.Stream(history))
            {
                break;
            }
        }

        Assert.Equal(["integrity/rollback"], Rules(await chat.VerifyAsync([history[0], new(ChatRole.User, "else")], Mine)));
        Assert.Equal(Decision.Allow, (await chat.VerifyAsync([.. history, new(ChatRole.User, "else")], Mine)).Decision);
    }

    [Fact]
    public async Task AlsoWhereTheProviderFailsWhenItsStreamIsLeft()
    {
        var chat = new Chat(new ScriptedChatClient(ScriptedTurn.Say("One."), ScriptedTurn.Say("A long answer that nobody reads to its end.")), "manual", policy: Chat.Policy with { Budgets = new() { Session = new() { MaxTokens = 100_000 } } });
        List<ChatMessage> history = [];
        await chat.SayAsync(history, "one", Mine);
        var before = await UsedAsync(chat);
        var client = new FailsAtItsEnd(chat.Model).AsBuilder().UseAegis(chat.Guard).Build();
        using (AegisScope.Begin(Mine))
        {
            await Assert.ThrowsAsync<IOException>(async () =>
            {
                await foreach (var _ in client.GetStreamingResponseAsync([.. history, new(ChatRole.User, "two")], chat.Options, Some.Token))
                {
                    break;
                }
            });
        }

        Assert.Equal(["integrity/rollback"], Rules(await chat.VerifyAsync([.. history, new(ChatRole.User, "else")], Mine)));
        Assert.InRange(await UsedAsync(chat) - before, 1, 1_000);   // what it may have used is counted, and what was set aside for more is settled

        static async Task<long> UsedAsync(Chat chat) => (await chat.Guard.Sessions.GetAsync(Mine, Some.Token)).Meters.Where(static meter => meter.Key.Contains("/tokens/", StringComparison.Ordinal)).Sum(meter => meter.Used(chat.Guard.Now));
    }

    /// <summary>An app gives the words back to its user, who may change them.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ARequestThatFailedCountsAsNotSent(bool stream)
    {
        var fails = false;
        var chat = new Chat(new ScriptedChatClient((_, _) => fails ? throw new HttpRequestException("503") : ScriptedTurn.Say("ok")), "manual", stream);
        List<ChatMessage> history = [];
        await chat.SayAsync(history, "one", Mine);
        fails = true;
        await Assert.ThrowsAsync<HttpRequestException>(() => chat.SendAsync([.. history, new(ChatRole.User, "two")], Mine));
        fails = false;
        Assert.Equal("ok", (await chat.SendAsync([.. history, new(ChatRole.User, "two, in other words")], Mine)).Text);
    }

    [Fact]
    public async Task AStreamThatEndsLateDoesNotSetTheSessionBack()
    {
        var chat = new Chat(new ScriptedChatClient(static (messages, _) => ScriptedTurn.Say($"Answer {messages.Count(static message => message.Role == ChatRole.User)}.")), "manual");
        using var scope = AegisScope.Begin(Mine);
        List<ChatMessage> history = [new(ChatRole.User, "one")];
        await using var late = chat.Stream(history).GetAsyncEnumerator(Some.Token);
        Assert.True(await late.MoveNextAsync());
        List<ChatMessage> longer = [.. history];
        longer.AddMessages(await chat.SendAsync(history, Mine));
        await chat.SayAsync(longer, "two", Mine);

        var updates = new List<ChatResponseUpdate> { late.Current };
        while (await late.MoveNextAsync())
        {
            updates.Add(late.Current);
        }

        history.AddMessages(updates.ToChatResponse());
        Assert.Equal(["integrity/rollback"], Rules(await chat.VerifyAsync([.. Chat.Kept(history), new(ChatRole.User, "else")], Mine)));
        Assert.Equal("Answer 3.", (await chat.SayAsync(longer, "three", Mine)).Text);
    }

    [Fact]
    public async Task TheFirstMessageAgainThatIsLeftDoesNotOpenTheWayBack()
    {
        var chat = new Chat(new ScriptedChatClient(static (messages, _) => ScriptedTurn.Say($"A long answer to so many questions: {messages.Count(static message => message.Role == ChatRole.User)}.")), "manual");
        List<ChatMessage> history = [];
        for (var i = 1; i <= 4; i++)
        {
            await chat.SayAsync(history, $"question {i}", Mine);
        }

        List<ChatMessage> cut = [.. Chat.Kept(history)[..4], new(ChatRole.User, "else")];
        using (AegisScope.Begin(Mine))
        {
            await foreach (var _ in chat.Stream([new(ChatRole.User, "question 1")]))
            {
                break;
            }
        }

        Assert.Equal(["integrity/rollback"], Rules(await chat.VerifyAsync(cut, Mine)));
        Assert.Equal("A long answer to so many questions: 5.", (await chat.SayAsync(history, "question 5", Mine)).Text);
    }

    /// <summary>When the run's time is up, the model was asked all the same.</summary>
    [Theory]
    [InlineData(OnBlock.Throw)]
    [InlineData(OnBlock.Refuse)]
    public async Task ARunWhoseTimeIsUpMustComeBackToo(OnBlock onBlock)
    {
        var (time, hangs) = (new FakeTimeProvider(), false);
        var chat = new Chat(new ScriptedChatClient((_, _) =>
        {
            if (hangs)
            {
                time.Advance(TimeSpan.FromHours(1));
                throw new OperationCanceledException();
            }

            return ScriptedTurn.Say("ok");
        }), "manual", policy: Chat.Policy with { OnBlock = onBlock, AgentLoop = Chat.Policy.AgentLoop with { MaxDuration = TimeSpan.FromMinutes(5) } }, time: time);
        List<ChatMessage> history = [];
        await chat.SayAsync(history, "one", Mine);
        await chat.SayAsync(history, "two", Mine);
        hangs = true;
        if (onBlock == OnBlock.Throw)
        {
            await Assert.ThrowsAsync<AegisBlockedException>(() => chat.SendAsync([.. history, new(ChatRole.User, "three")], Mine));
        }
        else
        {
            Assert.Equal(["budget/duration"], Some.Rules(await chat.SendAsync([.. history, new(ChatRole.User, "three")], Mine)));
        }

        Assert.Equal(["integrity/rollback"], Rules(await chat.VerifyAsync([.. history, new(ChatRole.User, "else")], Mine)));
    }

    [Theory]
    [InlineData(IntegrityFailure.Drop)]
    [InlineData(IntegrityFailure.Untrusted)]
    public async Task AForgeryBehindACutHidesNoCut(IntegrityFailure failure)
    {
        var chat = new Chat(new ScriptedChatClient(static (_, _) => ScriptedTurn.Say("ok")), "manual", policy: Chat.Policy with { Integrity = Chat.Policy.Integrity! with { OnFailure = failure } });
        List<ChatMessage> history = [];
        await chat.SayAsync(history, "one", Mine);
        await chat.SayAsync(history, "two", Mine);
        List<ChatMessage> cut = [.. Chat.Kept(history)[..2], new(ChatRole.Assistant, "x"), new(ChatRole.User, "else")];
        Assert.Equal(["integrity/unsigned", "integrity/rollback"], Rules(await chat.VerifyAsync(cut, Mine)).OrderDescending(StringComparer.Ordinal));
        Assert.Equal("ok", (await chat.SendAsync(cut, Mine)).Text);
        Assert.Contains("integrity/rollback", chat.Rules);
        Assert.Contains("integrity/unsigned", chat.Rules);
    }

    [Theory]
    [InlineData(IntegrityFailure.Drop)]
    [InlineData(IntegrityFailure.Untrusted)]
    public async Task AnOlderConversationThatGoesOnDoesNotBecomeTheNewest(IntegrityFailure failure)
    {
        var policy = Chat.Policy with { Integrity = Chat.Policy.Integrity! with { OnFailure = failure } };
        var chat = new Chat(new ScriptedChatClient(static (messages, _) => ScriptedTurn.Say($"Answer {messages.Count(static message => message.Role == ChatRole.User)}.")), "manual", policy: policy);
        List<ChatMessage> history = [];
        await chat.SayAsync(history, "one", Mine);
        await chat.SayAsync(history, "two", Mine);
        Assert.False((await chat.Guard.Sessions.GetAsync(Mine, Some.Token)).Labels.HasFlag(SessionLabels.Untrusted));
        List<ChatMessage> older = [.. Chat.Kept(history[..2])];
        for (var turn = 1; turn <= 2; turn++)
        {
            Assert.Equal($"Answer {turn + 1}.", (await chat.SayAsync(older, "else", Mine)).Text);
            Assert.Equal(turn, chat.Rules.Count(static rule => rule == "integrity/rollback"));
        }

        Assert.Equal(failure == IntegrityFailure.Untrusted, (await chat.Guard.Sessions.GetAsync(Mine, Some.Token)).Labels.HasFlag(SessionLabels.Untrusted));
        await chat.SayAsync(history, "three", Mine);
        Assert.Equal(2, chat.Rules.Count(static rule => rule == "integrity/rollback"));
    }

    private static IEnumerable<string> Rules(Verdict verdict) => verdict.Findings.Select(static finding => finding.Rule);

    /// <summary>A turn with a tool, and another one that does not end: four messages, the question, and what left of the answer.</summary>
    private static async Task<(Chat Chat, List<ChatMessage> History)> UnfinishedAsync(string how)
    {
        var isUnfinished = false;
        var model = new ScriptedChatClient((messages, _) =>
        {
            if (!isUnfinished)
            {
                return messages[^1].Role == ChatRole.User && messages.Count == 1 ? Some.Call("search") : ScriptedTurn.Say($"Answer {messages.Count(static message => message.Role == ChatRole.User)}.");
            }

            if (how == "cancelled")
            {
                throw new OperationCanceledException();
            }

            return ScriptedTurn.Say(how == "left" ? "A long answer that nobody reads to its end." : "This is forbidden.");
        });
        var chat = new Chat(model, policy: Chat.Policy with { OnBlock = how == "thrown" ? OnBlock.Throw : OnBlock.Refuse, Output = new() { BlockPatterns = ["forbidden"] } });
        List<ChatMessage> history = [];
        await chat.SayAsync(history, "question 1", Mine);
        Assert.Equal(4, history.Count);
        (isUnfinished, history) = (true, Chat.Kept([.. history, new(ChatRole.User, "question 2")]));
        switch (how)
        {
            case "left":
                using (AegisScope.Begin(Mine))
                {
                    var seen = new List<ChatResponseUpdate>();
                    await foreach (var update in chat.Stream(history))
                    {
                        seen.Add(update);
                        if (seen.Count == 3)
                        {
                            break;
                        }
                    }

                    history.AddMessages(seen.ToChatResponse());
                }

                break;
            case "cancelled":
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => chat.SendAsync(history, Mine));
                break;
            case "thrown":
                await Assert.ThrowsAsync<AegisBlockedException>(() => chat.SendAsync(history, Mine));
                break;
            default:
                var refused = await chat.SendAsync(history, Mine);
                Assert.NotEmpty(Some.Rules(refused));
                history.AddMessages(refused);
                break;
        }

        isUnfinished = false;
        return (chat, history);
    }

    private sealed class FailsAtItsEnd(IChatClient inner) : DelegatingChatClient(inner)
    {
        public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            try
            {
                await foreach (var update in base.GetStreamingResponseAsync(messages, options, cancellationToken))
                {
                    yield return update;
                }
            }
            finally
            {
                FailAtOnce();
            }
        }

        private static void FailAtOnce() => throw new IOException("the connection was reset");
    }
}
