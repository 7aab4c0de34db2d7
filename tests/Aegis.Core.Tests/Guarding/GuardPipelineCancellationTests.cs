using Aegis.Tools;

namespace Aegis.Core.Tests.Guarding;

public class GuardPipelineCancellationTests
{
    private static readonly SessionId Session = new("s");
    private static readonly AegisPolicy Policy = new() { Capabilities = new() { Allow = ["t"], RequireApproval = ["ask"] } };
    private static readonly string[] Reactions = ["listens", "does not listen", "fails", "throws", "answers"];

    public static MatrixTheoryData<string, string> Seams => new(["guard", "read", "update", "approver"], Reactions);

    [Fact]
    public async Task NothingBeginsForACallerThatHasGone()
    {
        var store = new MemorySessionStore();
        var guard = AegisGuard.Create(Policy, builder => builder.UseSessionStore(store).AddGuard(new SeamGuard<Subject>((_, _, _) => throw new InvalidOperationException("asked"))));
        Subject[] subjects = [new UserInput("x"), new ToolDefinition("t", "x"), new ModelStep(Toolset.Empty), new ToolCall("t", ToolArguments.Empty), new ToolResult("t", "x"), new OutputWindow("x"), new ModelOutput("x") { Calls = 1, Usage = new(5, 5) }];
        foreach (var subject in subjects)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => guard.InspectAsync(subject, Session, new(canceled: true)).AsTask());
        }

        Assert.Equal(0, store.Count);
    }

    [Theory]
    [MemberData(nameof(Seams))]
    public async Task ACallerThatGoesInTheMiddleGetsACancellationAndIsChargedNothing(string seam, string reaction)
    {
        using var caller = new CancellationTokenSource();
        var store = new SeamStore();
        var guard = AegisGuard.Create(Policy, builder =>
        {
            builder.UseSessionStore(store).UseApprover((_, token) => seam == "approver" ? React(true, token) : new(true));
            if (seam == "guard")
            {
                builder.AddGuard(new SeamGuard<ToolCall>((_, _, token) => React(Verdict.None, token)));
            }
        });
        store.OnRead = seam == "read" ? token => React(SessionState.Empty, token) : null;
        store.OnUpdate = seam != "update" ? null : _ =>
        {
            caller.Cancel();
            return reaction switch { "listens" => Fault.Cancelled, "does not listen" => Fault.Hangs, "fails" => Fault.Faulted, "throws" => Fault.Throws, _ => Fault.TimesOut };
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => guard.InspectAsync(new ToolCall("ask", ToolArguments.Empty), Session, caller.Token).AsTask());
        Assert.Equal(0, store.Inner.Count);

        ValueTask<T> React<T>(T answer, CancellationToken token)
        {
            Assert.Equal(caller.Token, token);
            caller.Cancel();
            return reaction switch
            {
                "listens" => new(Task.FromCanceled<T>(token)),
                "does not listen" => new(new TaskCompletionSource<T>().Task),
                "fails" => new(Task.FromException<T>(new IOException())),
                "throws" => throw new TimeoutException(),
                _ => new(answer),
            };
        }
    }
}
