using Aegis.Policies;
using Aegis.Testing;
using Aegis.Tools;
using Microsoft.Extensions.AI;

namespace Aegis.Docs.Tests;

/// <summary>The code of docs/approvals.md.</summary>
public class ApprovalSnippets
{
    private static readonly AegisPolicy Policy = AegisPolicy.Preset("balanced") with { Capabilities = new() { RequireApproval = ["pay"] } };
    private static readonly CapabilityPolicy Mail = new() { Allow = ["*"], RequireApproval = ["mail"] };

    private readonly List<string> _paid = [];

    private AIFunction Pay => AIFunctionFactory.Create((decimal amount) => _paid.Add($"{amount}"), "pay");

    private static ScriptedChatClient Model => new((messages, _) => messages.Any(static message => message.Role == ChatRole.Tool) ? ScriptedTurn.Say("paid") : ScriptedTurn.Call("pay", new { amount = 500 }));

    [Fact]
    public async Task AnApprover()
    {
        var approver = new Cautious();
        var client = Model.AsBuilder().UseAegisFunctionInvocation(Policy, aegis => aegis.UseApprover(approver)).Build();
        Assert.Equal("paid", (await client.GetResponseAsync("Pay.", new() { Tools = [Pay] })).Text);
        Assert.Equal(["100"], _paid);
    }

    [Fact]
    public async Task Resumed()
    {
        var folder = Directory.CreateTempSubdirectory("aegis-docs-").FullName;
        var model = Model;
        var options = new ChatOptions { Tools = [Pay] };
        using var scope = AegisScope.Begin("conversation-7", principal: "user-42");
        // <resume>
        IChatClient client = model.AsBuilder()
            .UseAegisFunctionInvocation(Policy, aegis => aegis.UseApprovalContent().UseSessionStore(new FileSessionStore(folder)))
            .Build();

        List<ChatMessage> history = [new(ChatRole.User, "Pay the invoice.")];
        history.AddRange((await client.GetResponseAsync(history, options)).Messages);
        var question = history.SelectMany(message => message.Contents).OfType<ToolApprovalRequestContent>().Single();

        // Keep the history. This process may end; the answer may reach another one, with the same policy and the same sessions.
        history.Add(new(ChatRole.User, [question.CreateResponse(approved: true)]));
        var response = await client.GetResponseAsync(history, options);
        // </resume>
        Assert.Equal("paid", response.Text);
        Assert.Equal(["500"], _paid);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Quarantined()
    {
        var guard = AegisGuard.Create(AegisPolicy.Preset("balanced") with { Capabilities = Mail });
        var session = new SessionId("conversation-7");
        var log = new StringWriter();
        var (http, url) = (new Http(), "https://acme.example");
        // <untrusted>
        Untrusted<string> page = Untrusted.From(await http.GetStringAsync(url), source: "acme_page");
        Untrusted<string> title = page.Map(text => text[..text.IndexOf('\n')]);
        log.WriteLine($"read {title}");                                               // read [untrusted acme_page, 4]

        string shown = await title.ReleaseAsync(guard, session, reason: "shown to the user as a title");
        // </untrusted>
        Assert.Equal("ACME", shown);
        Assert.Equal("read [untrusted acme_page, 4]", log.ToString().TrimEnd());
    }

    // <approver>
    private sealed class Cautious : IApprover
    {
        public ValueTask<ApprovalAnswer> ApproveAsync(ApprovalRequest request, CancellationToken ct) =>
            new(request.IsEditable ? ApprovalAnswer.Edited(ToolArguments.From([new("amount", 100)])) : ApprovalAnswer.No);
    }
    // </approver>

    private sealed class Http
    {
        public Task<string> GetStringAsync(string url) => Task.FromResult($"ACME\n{url}");
    }
}
