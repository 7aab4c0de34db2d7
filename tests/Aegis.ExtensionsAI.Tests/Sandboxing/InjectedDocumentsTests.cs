using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Aegis.Policies;
using Aegis.Testing;
using Microsoft.Extensions.AI;

namespace Aegis.ExtensionsAI.Tests.Sandboxing;

/// <summary>Documents with an attack in them, a sandbox model that obeys it, and what of them the main model reads.</summary>
public class InjectedDocumentsTests
{
    private const int Documents = 200;
    private const int Files = 5;

    /// <summary>Where this was last changed, as many as this came through.</summary>
    private const int MostThatNoRuleKnows = 153;

    /// <summary>A tool reads mails through the sandbox. The model in it copies every attack into the one text that has room for it, until it is refused.</summary>
    [Fact]
    public async Task NoInstructionReachesTheMainModelAndEveryFactIsAsItWasWritten()
    {
        var attacks = Attacks();
        Assert.Equal(Documents, attacks.Count);
        var documents = attacks.Select(static (attack, id) => DocumentOf(id, attack)).ToList();
        var (obeyed, refused) = (0, 0);
        var sandbox = new ScriptedChatClient((messages, _) =>
        {
            using var material = JsonDocument.Parse(messages[1].Text.Split('\n')[1]);
            var document = material.RootElement.GetProperty("document").GetString()!;
            var id = int.Parse(document[9..13], CultureInfo.InvariantCulture);
            var obeys = !messages[0].Text.Contains("was refused", StringComparison.Ordinal);
            (obeyed, refused) = obeys ? (obeyed + 1, refused) : (obeyed, refused + 1);
            return ScriptedTurn.Say($$"""{"number":"{{NumberOf(id)}}","kind":"order","total":{{TotalOf(id)}},"count":{{CountOf(id)}}{{(obeys ? $",\"note\":{JsonSerializer.Serialize(attacks[id])}" : "")}}}""");
        });
        using var guard = AegisGuard.Create(Some.Balanced with { Capabilities = new() { Allow = ["read_order"] } }, builder => builder.UseExtractor(sandbox));
        var type = (JsonTypeInfo<Order>)AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(Order));
        var read = AIFunctionFactory.Create(async (int id, CancellationToken token) => await guard.Sandbox.ExtractAsync(Untrusted.From(documents[id], "order_mail"), type, new SessionId($"order-{id}"), token), "read_order");
        for (var i = 0; i < Documents; i++)
        {
            var id = i;
            var main = new ScriptedChatClient((messages, _) => messages.Any(static message => message.Role == ChatRole.Tool) ? ScriptedTurn.Say("Read.") : ScriptedTurn.Call("read_order", new { id }));
            var client = main.AsBuilder().UseAegisFunctionInvocation(guard).Build();
            using (AegisScope.Begin($"order-{id}"))
            {
                Assert.Equal("Read.", (await client.GetResponseAsync("What was ordered?", Some.With(read), Some.Token)).Text);
            }

            var sent = Some.Sent(main);
            Assert.DoesNotContain(attacks[id][..Math.Min(24, attacks[id].Length)], sent, StringComparison.Ordinal);
            var returned = main.Requests[^1].Messages.SelectMany(static message => message.Contents).OfType<FunctionResultContent>().Single().Result;
            Assert.True(returned is JsonElement, $"{id}: {returned}");
            var result = (JsonElement)returned!;
            Assert.Equal(
                ("[untrusted order_mail, 6]", "order", TotalOf(id), CountOf(id)),
                (result.GetProperty("number").GetString(), result.GetProperty("kind").GetString(), result.GetProperty("total").GetRawText(), result.GetProperty("count").GetRawText()));
        }

        Assert.Equal(Documents, obeyed);
        TestContext.Current.TestOutputHelper?.WriteLine($"{obeyed} of {Documents} replies obeyed, {refused} of them were refused by the guard and asked for again");
    }

    /// <summary>The tool returns the mail; the policy has it replaced by data. An attack fits into no field; where one has room for it, only what no rule knows comes through.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AResultIsReplacedByDataWithoutChangesToTheTool(bool hasRoom)
    {
        var attacks = Attacks();
        var (seen, replaced) = (0, 0);
        var sandbox = new ScriptedChatClient((messages, _) =>
        {
            using var material = JsonDocument.Parse(messages[1].Text.Split('\n')[1]);
            var id = int.Parse(material.RootElement.GetProperty("document").GetString()![9..13], CultureInfo.InvariantCulture);
            var attack = JsonSerializer.Serialize(attacks[id]);
            var obeys = !messages[0].Text.Contains("was refused", StringComparison.Ordinal);
            return ScriptedTurn.Say($$"""{"number":{{(obeys && !hasRoom ? attack : $"\"{NumberOf(id)}\"")}},"kind":"order","total":{{TotalOf(id)}},"count":{{CountOf(id)}}{{(obeys && hasRoom ? $",\"note\":{attack}" : "")}}}""");
        });
        var fields = new Dictionary<string, FieldPolicy>
        {
            ["number"] = new() { MaxLength = 6, Required = true },
            ["kind"] = new() { Enum = ["order", "return"], Required = true },
            ["total"] = new() { Type = FieldType.Number, Minimum = 0, Maximum = 100_000, Required = true },
            ["count"] = new() { Type = FieldType.Integer, Minimum = 1, Maximum = 1_000, Required = true },
        };
        if (hasRoom)
        {
            fields["note"] = new() { MaxLength = 400 };
        }

        var policy = Some.Balanced with
        {
            Capabilities = new() { Allow = ["read_order"] },
            Sandbox = new(),
            Tools = new Dictionary<string, ToolPolicy> { ["read_order"] = new() { Extract = fields, ExtractWhen = ExtractWhen.Always } },
        };
        using var guard = AegisGuard.Create(policy, builder => builder.UseExtractor(sandbox));
        var read = AIFunctionFactory.Create(static (int id) => DocumentOf(id, Attacks()[id]), "read_order");
        for (var i = 0; i < Documents; i++)
        {
            var id = i;
            var main = new ScriptedChatClient((messages, _) => messages.Any(static message => message.Role == ChatRole.Tool) ? ScriptedTurn.Say("Read.") : ScriptedTurn.Call("read_order", new { id }));
            using (AegisScope.Begin($"order-{id}"))
            {
                await main.AsBuilder().UseAegisFunctionInvocation(guard).Build().GetResponseAsync("What was ordered?", Some.With(read), Some.Token);
            }

            var result = (string)main.Requests[^1].Messages.SelectMany(static message => message.Contents).OfType<FunctionResultContent>().Single().Result!;
            var data = JsonElement.Parse(result);
            seen += Some.Sent(main).Contains(attacks[id][..Math.Min(24, attacks[id].Length)], StringComparison.Ordinal) ? 1 : 0;
            replaced++;
            Assert.Equal(
                (NumberOf(id), "order", TotalOf(id), CountOf(id)),
                (data.GetProperty("number").GetString(), data.GetProperty("kind").GetString(), data.GetProperty("total").GetRawText(), data.GetProperty("count").GetRawText()));
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{replaced} results replaced, of {seen} attacks the main model saw the beginning");
        Assert.Equal(Documents, replaced);
        Assert.InRange(seen, 0, hasRoom ? MostThatNoRuleKnows : 0);
    }

    private static string DocumentOf(int id, string attack) => $"Order no {id:0000}, {NumberOf(id)}\nKind: order\nTotal: {TotalOf(id)}\nCount: {CountOf(id)}\n\n{attack}\n\nKind regards";

    private static string NumberOf(int id) => $"O-{id:0000}";

    private static string TotalOf(int id) => $"{(id * 7) + 1}.50";

    private static string CountOf(int id) => $"{id + 1}";

    private static List<string> Attacks()
    {
        var files = Directory.GetFiles(Path.Combine(Repository(), "corpora", "training"), "tool-attacks*.jsonl").Order(StringComparer.Ordinal).ToList();
        Assert.Equal(Files, files.Count);
        return [.. files.SelectMany(static file => File.ReadLines(file).Take(Documents / Files)).Select(static line =>
        {
            using var json = JsonDocument.Parse(line);
            return json.RootElement.GetProperty("injected").GetString()!;
        })];
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

    [JsonConverter(typeof(JsonStringEnumConverter<OrderKind>))]
    private enum OrderKind
    {
        [JsonStringEnumMemberName("order")]
        Order,

        [JsonStringEnumMemberName("return")]
        Return,
    }

    private sealed record Order(
        [property: MaxLength(6)] Untrusted<string> Number,
        OrderKind Kind,
        [property: Range(0, 100_000)] decimal Total,
        [property: Range(1, 1_000)] int Count,
        [property: MaxLength(400)] Untrusted<string>? Note = null);
}
