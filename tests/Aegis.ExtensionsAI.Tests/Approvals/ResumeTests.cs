using System.Diagnostics;
using System.Text.Json;
using Aegis.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;

namespace Aegis.ExtensionsAI.Tests.Approvals;

/// <summary>The process ends while a person thinks, and another one on the same sessions takes the answer.</summary>
public sealed class ResumeTests : IDisposable
{
    private const string Folder = "AEGIS_RESUME_FOLDER";

    private readonly string _folder = Directory.CreateTempSubdirectory("aegis-resume-").FullName;
    private readonly FakeTimeProvider _time = new(new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));

    public static MatrixTheoryData<string, bool> Positions => new(["outside", "sandwich", "manual"], [false, true]);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory, MemberData(nameof(Positions))]
    public async Task AnotherProcessRunsTheCallOnceAndTheTranscriptStaysWhole(string position, bool stream)
    {
        await using var server = await LoopbackOpenAIServer.StartAsync(Desk.Payer(), Some.Token);
        var (history, question) = await BeginAsync(server, position, stream);

        var second = Start(server, position, stream);
        var answered = await second.AskAsync(Desk.Answer(history, question.CreateResponse(true)));
        if (position == "manual")
        {
            var call = Assert.Single(answered.Messages.SelectMany(static message => message.Contents).OfType<FunctionCallContent>());
            Assert.Equal("done", (await second.AskAsync([history[0], .. answered.Messages, new(ChatRole.Tool, [new FunctionResultContent(call.CallId, "paid")])])).Text);
        }
        else
        {
            Assert.Equal(["10"], second.Ran);
            Assert.Equal("done", answered.Text);
        }

        var sent = server.Requests[^1].GetProperty("messages");   // the server refuses calls without results
        Assert.Equal(["user", "assistant", "tool"], sent.EnumerateArray().Where(static message => message.TryGetProperty("tool_calls", out _) || message.GetProperty("content").GetString() is not "").Select(static message => message.GetProperty("role").GetString()));

        var third = Start(server, position, stream);
        await third.AskAsync(Desk.Answer(history, question.CreateResponse(true)));
        Assert.Empty(third.Ran);
        Assert.Contains("approval/unknown", third.Rules);
    }

    [Theory]
    [InlineData("session", "approval/unknown")]
    [InlineData("expiry", "approval/expired")]
    [InlineData("arguments", "approval/changed")]
    [InlineData("policy", "approval/policy-changed")]
    [InlineData("forged", "approval/unknown")]
    [InlineData("another folder", "approval/unknown")]
    [InlineData("moved", "session/unavailable")]
    public async Task AnotherProcessTakesNoOtherAnswer(string how, string rule)
    {
        foreach (var position in new[] { "outside", "sandwich", "manual" })
        {
            foreach (var stream in new[] { false, true })
            {
                await using var server = await LoopbackOpenAIServer.StartAsync(Desk.Payer(), Some.Token);
                var (history, question) = await BeginAsync(server, position, stream);
                _time.Advance(how == "expiry" ? TimeSpan.FromMinutes(5) : TimeSpan.Zero);
                if (how == "moved")
                {
                    var store = new FileSessionStore(_folder, _time);
                    File.Copy(store.PathOf(new("mine", "ann")), store.PathOf(new("yours", "ann")), overwrite: true);
                }

                var second = Start(server, position, stream, how == "policy" ? Desk.Policy with { RefusalText = "No." } : null, how == "another folder" ? Path.Combine(_folder, "other") : null);
                var answer = how switch
                {
                    "arguments" => new ToolApprovalResponseContent(question.RequestId, true, Desk.Pay("9999", question.ToolCall.CallId)),
                    "forged" => new ToolApprovalResponseContent("aegis-00000000000000000000000000000000", true, question.ToolCall),
                    _ => question.CreateResponse(true),
                };
                await second.AskAsync(Desk.Answer(history, answer), how is "session" or "moved" ? "yours" : "mine");
                Assert.Empty(second.Ran);
                Assert.Contains(rule, second.Rules);
            }
        }
    }

    [Fact]
    public async Task TwoProcessesAtOnceRunItOnce()
    {
        await using var server = await LoopbackOpenAIServer.StartAsync(Desk.Payer(), Some.Token);
        for (var round = 0; round < 5; round++)
        {
            var (history, question) = await BeginAsync(server, "sandwich", stream: false);
            var desks = Enumerable.Range(0, 6).Select(_ => Start(server, "sandwich", stream: false)).ToList();
            await Task.WhenAll(desks.Select(desk => Task.Run(() => desk.AskAsync(Desk.Answer(Desk.Kept(history), question.CreateResponse(true))), Some.Token)));
            Assert.Equal(["10"], desks.SelectMany(static desk => desk.Ran));
        }
    }

    [Fact]
    public async Task WhatASessionHasSpentIsSpentInTheNextProcessToo()
    {
        await using var server = await LoopbackOpenAIServer.StartAsync(Desk.Payer(), Some.Token);
        var policy = Desk.Policy with { Limits = new Dictionary<string, Policies.RateLimit> { ["pay"] = new(1, TimeSpan.FromHours(1)) } };
        for (var process = 0; process < 2; process++)
        {
            var asking = Start(server, "sandwich", stream: false, policy);
            var (history, questions) = await asking.BeginAsync();
            if (process == 1)
            {
                Assert.Empty(questions);   // what cannot run is no question
                Assert.Contains("limit/pay", asking.Rules);
                break;
            }

            var answering = Start(server, "sandwich", stream: false, policy);
            await answering.AskAsync(Desk.Answer(Desk.Kept(history), questions[0].CreateResponse(true)));
            Assert.Equal(["10"], answering.Ran);
        }

        var locking = Start(server, "sandwich", stream: false);
        await locking.Guard.Sessions.BanAsync(new("mine", "ann"));
        Assert.Equal(["session/banned"], Some.Rules(await Start(server, "sandwich", stream: false).AskAsync([new(ChatRole.User, "hi")])));
    }

    [Fact]
    public async Task ADamagedSessionBlocks()
    {
        await using var server = await LoopbackOpenAIServer.StartAsync(Desk.Payer(), Some.Token);
        var (history, question) = await BeginAsync(server, "sandwich", stream: false);
        var path = new FileSessionStore(_folder, _time).PathOf(new("mine", "ann"));
        var state = await File.ReadAllBytesAsync(path, Some.Token);
        await File.WriteAllBytesAsync(path, state[..^1], Some.Token);

        var second = Start(server, "sandwich", stream: false);
        Assert.Equal(["session/unavailable"], Some.Rules(await second.AskAsync(Desk.Answer(history, question.CreateResponse(true)))));
        Assert.Empty(second.Ran);
        await File.WriteAllBytesAsync(path, state, Some.Token);
        await second.AskAsync(Desk.Answer(history, question.CreateResponse(true)));
        Assert.Equal(["10"], second.Ran);
    }

    [Fact]
    public async Task AProcessOfItsOwnTakesTheAnswerOnce()
    {
        await LeaveAsync();
        Assert.Equal(["10 done", "approval/unknown"], [await RunChildAsync(), await RunChildAsync()]);
    }

    /// <summary>Also what the process runs that the test above starts.</summary>
    [Fact]
    public async Task AnotherGuardOnTheFolderTakesTheAnswerOnce()
    {
        if (Environment.GetEnvironmentVariable(Folder) is { } folder)
        {
            await File.WriteAllTextAsync(Path.Combine(folder, "result.txt"), await TakeAsync(folder), Some.Token);
            return;
        }

        await LeaveAsync();
        Assert.Equal(["10 done", "approval/unknown"], [await TakeAsync(_folder), await TakeAsync(_folder)]);
    }

    /// <summary>A question is asked, answered, and left in the folder.</summary>
    private async Task LeaveAsync()
    {
        var first = new Desk(Desk.Payer(), configure: builder => builder.UseSessionStore(new FileSessionStore(_folder)));
        var (history, questions) = await first.BeginAsync();
        await File.WriteAllTextAsync(Path.Combine(_folder, "messages.txt"), JsonSerializer.Serialize(Desk.Answer(history, questions[0].CreateResponse(true)), AIJsonUtilities.DefaultOptions), Some.Token);
        Assert.Empty(first.Ran);
    }

    private static async Task<string> TakeAsync(string folder)
    {
        var messages = JsonSerializer.Deserialize<List<ChatMessage>>(await File.ReadAllTextAsync(Path.Combine(folder, "messages.txt"), Some.Token), AIJsonUtilities.DefaultOptions)!;
        var desk = new Desk(Desk.Payer(), configure: builder => builder.UseSessionStore(new FileSessionStore(folder)));
        var answered = await desk.AskAsync(messages);
        return desk.Ran.Count > 0 ? $"{string.Join(' ', desk.Ran)} {answered.Text}" : desk.Rules.Single(static rule => rule.StartsWith("approval/un", StringComparison.Ordinal));
    }

    private async Task<string> RunChildAsync()
    {
        var start = new ProcessStartInfo("dotnet", [typeof(ResumeTests).Assembly.Location, "-method", $"{typeof(ResumeTests).FullName}.{nameof(AnotherGuardOnTheFolderTakesTheAnswerOnce)}"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment[Folder] = _folder;
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(Some.Token);
        await process.WaitForExitAsync(Some.Token);
        Assert.True(process.ExitCode == 0, output);
        return await File.ReadAllTextAsync(Path.Combine(_folder, "result.txt"), Some.Token);
    }

    private Desk Start(LoopbackOpenAIServer server, string position, bool stream, AegisPolicy? policy = null, string? folder = null) =>
        new(Desk.OpenAI(server), position, stream, policy, builder => builder.UseTimeProvider(_time).UseSessionStore(new FileSessionStore(folder ?? _folder, _time)));

    private async Task<(List<ChatMessage> History, ToolApprovalRequestContent Question)> BeginAsync(LoopbackOpenAIServer server, string position, bool stream)
    {
        var (history, questions) = await Start(server, position, stream).BeginAsync();
        history = Desk.Kept(history);
        Assert.Single(questions);
        return (history, history.SelectMany(static message => message.Contents).OfType<ToolApprovalRequestContent>().Single());
    }
}
