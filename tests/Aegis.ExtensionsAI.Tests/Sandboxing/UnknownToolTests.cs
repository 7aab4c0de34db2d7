using Aegis.Policies;
using Aegis.Testing;
using Microsoft.Extensions.AI;

namespace Aegis.ExtensionsAI.Tests.Sandboxing;

/// <summary>A result whose call another process has seen may be of a tool of which nothing goes on but data.</summary>
public class UnknownToolTests
{
    [Theory]
    [InlineData(ExtractWhen.Always, false, false)]
    [InlineData(ExtractWhen.Always, true, false)]
    [InlineData(ExtractWhen.Risky, false, true)]
    [InlineData(ExtractWhen.Risky, true, true)]
    public async Task AResultOfNobodyKnowsWhatIsWithheldWhereOnlyDataGoesOn(ExtractWhen when, bool isText, bool isSeen)
    {
        const string mail = "Invoice 17, total 120.50.";
        var policy = Some.Balanced with
        {
            Capabilities = new() { Allow = ["*"] },
            Sandbox = new(),
            Tools = new Dictionary<string, ToolPolicy> { ["read_mail"] = new() { Extract = new Dictionary<string, FieldPolicy> { ["total"] = new() { Type = FieldType.Number } }, ExtractWhen = when } },
        };
        var model = new ScriptedChatClient(ScriptedTurn.Say("Read."));
        using var guard = AegisGuard.Create(policy, static builder => builder.UseExtractor(new ScriptedChatClient((_, _) => ScriptedTurn.Say("{}"))));
        await model.AsBuilder().UseAegis(guard).Build().GetResponseAsync([new(ChatRole.Tool, [isText ? new TextContent(mail) : new FunctionResultContent("c", mail)])], new() { ConversationId = "elsewhere" }, Some.Token);
        Assert.Equal(isSeen, Some.Sent(model).Contains("Invoice 17", StringComparison.Ordinal));
        Assert.Equal(isSeen, !Some.Sent(model).Contains("sandbox/unknown-tool", StringComparison.Ordinal));
    }
}
