using System.Globalization;
using System.Text.Json;
using Aegis.Core.Tests.Sessions;
using Aegis.Tools;
using CsCheck;

namespace Aegis.Core.Tests;

/// <summary>Requests and tools, and what is proposed: tools that only read always, others by the words of the request.</summary>
public class AegisTaskTests
{
    private static readonly AegisGuard Guard = Given.Guard(Given.Open);

    private static readonly Dictionary<string, ToolInfo[]> Toolsets = new()
    {
        ["office"] =
        [
            new("search_mail"), new("read_mail"), new("send_email") { Description = "Sends an email to a recipient." }, new("delete_email"), new("forward_email"),
            new("list_events"), new("create_event"), new("cancel_event"), new("find_file"), new("write_file"), new("delete_file"), new("share_file"),
        ],
        ["bank"] =
        [
            new("get_balance"), new("list_transactions"), new("send_money") { Description = "Transfers money to an account." }, new("schedule_payment"), new("update_password"), new("update_user_info"), new("block_card"),
        ],
        ["shop"] =
        [
            new("search_products"), new("get_order"), new("place_order"), new("cancel_order"), new("issue_refund"), new("update_address"), new("notify_customer"),
        ],
        ["odd"] =
        [
            new("crm") { Description = "Anything about customers." }, new("notion") { ReadOnly = true }, new("wipe_everything") { ReadOnly = true }, new("gmail") { Description = "Sends a message." }, new("lights"), new("hosted:web_search") { Kind = ToolKind.WebSearch }, new("hosted:code_interpreter") { Kind = ToolKind.CodeInterpreter },
        ],
    };

    public static TheoryData<string, string, string> Requests => new(
        ("office", "Summarize my unread emails.", ""),
        ("office", "What is in the file that Bob shared last week?", ""),
        ("office", "Send Bob an email with the agenda.", "send_email"),
        ("office", "Send Bob the agenda.", "send_email"),
        ("office", "Email Bob that I am late.", "send_email forward_email"),
        ("office", "Please email Bob, then cancel the event on Friday.", "send_email forward_email cancel_event"),
        ("office", "Find the file from Ann and forward the email to Bob.", "forward_email"),
        ("office", "Would you mind deleting the draft file?", "delete_file"),
        ("office", "Delete that.", "delete_email delete_file"),
        ("office", "Read my emails but do not delete anything.", ""),
        ("office", "Never send anything. List my events.", ""),
        ("office", "Don't forward the email, just read it.", ""),
        ("office", "Create an event for lunch with Ann and share the file with her.", "create_event share_file"),
        ("office", "Write a summary of the meeting to the file notes.txt.", "write_file"),
        ("bank", "What was my last transfer?", ""),
        ("bank", "Pay the bill 'bill-december.txt' for me.", "send_money"),
        ("bank", "Transfer 100 euros to Ann.", "send_money"),
        ("bank", "Send money to Ann.", "send_money"),
        ("bank", "Schedule a payment to Ann.", "schedule_payment"),
        ("bank", "Please update my password to the one I gave you.", "update_password"),
        ("bank", "Block my card, it was stolen.", "block_card"),
        ("shop", "Where is my order?", ""),
        ("shop", "Cancel my order and refund me.", "cancel_order issue_refund"),
        ("shop", "Order two lamps.", "place_order cancel_order"),
        ("shop", "Change the address of my order.", "update_address"),
        ("odd", "Text Ann that the lights are on.", "gmail lights"),
        ("odd", "Look it up.", ""),
        ("odd", "What does the CRM say about Ann?", "crm"),
        ("odd", "Clean up.", "wipe_everything"),
        ("odd", "Run the numbers.", "hosted:code_interpreter"));

    [Theory, MemberData(nameof(Requests))]
    public void ARequestKeepsWhatReadsAndWhatItAsksFor(string toolset, string request, string expected)
    {
        var reading = toolset switch
        {
            "office" => "search_mail read_mail list_events find_file",
            "bank" => "get_balance list_transactions",
            "shop" => "search_products get_order",
            _ => "notion hosted:web_search",
        };
        var tools = Guard.ToolsetOf(Toolsets[toolset]);
        var task = AegisTask.Propose(request, tools);
        Assert.Equal($"{reading} {expected}".Split(' ', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal), task.Tools.Order(StringComparer.Ordinal));
        Assert.Equal(task.Tools.Order(StringComparer.Ordinal), task.Reasons.Keys.Order(StringComparer.Ordinal));
        Assert.All(tools.Tools, tool => Assert.Equal(task.Reasons.ContainsKey(tool.Name), task.Allows(ToolName.Of(tool.Name))));
    }

    [Theory]
    [InlineData("get_order", null, true)]
    [InlineData("Shop-get_order", "get_order", true)]
    [InlineData("VendorReadEmail", null, true)]
    [InlineData("order_get", null, false)]
    [InlineData("get_and_delete_note", null, false)]
    [InlineData("notes_search_delete", null, false)]
    [InlineData("Get-order_lunch", "order_lunch", false)]
    public void ANameSaysThatAToolOnlyReads(string name, string? local, bool reads) =>
        Assert.Equal(reads, AegisTask.Propose("hello", Guard.ToolsetOf([new(name) { LocalName = local }])).Tools.Count == 1);

    [Fact]
    public void ARiskThatThePolicyDeclaresNeedsAWordOfTheRequest()
    {
        var guard = Given.Guard(Given.Open with { Tools = new Dictionary<string, Aegis.Policies.ToolPolicy> { ["get_secret"] = new() { Risk = ToolRisk.High } } });
        var tools = guard.ToolsetOf([new("get_secret"), new("get_note")]);
        Assert.Equal(["get_note"], AegisTask.Propose("What is in the note?", tools).Tools);
        Assert.Equal(["get_secret", "get_note"], AegisTask.Propose("What is the secret in the note?", tools).Tools);
    }

    [Theory]
    [InlineData("tr-TR")]
    [InlineData("az-Latn-AZ")]
    [InlineData("th-TH")]
    [InlineData("de-DE")]
    public void TheSameIsProposedInAnyCulture(string culture)
    {
        var before = CultureInfo.DefaultThreadCurrentCulture;
        var said = Requests.Select(static row => Said(row.Data.Item2.ToUpperInvariant(), row.Data.Item1)).ToList();
        List<string> there = [];
        var thread = new Thread(() => there = [.. Requests.Select(static row => Said(row.Data.Item2.ToUpperInvariant(), row.Data.Item1))]) { CurrentCulture = new(culture), CurrentUICulture = new(culture) };
        thread.Start();
        thread.Join();
        Assert.Equal(said, there);
        Assert.Equal(said, Requests.Select(static row => Said(row.Data.Item2, row.Data.Item1)));   // case does not count
        Assert.Equal(before, CultureInfo.DefaultThreadCurrentCulture);
    }

    [Fact]
    public void TheOrderOfToolsDoesNotMatter() => Gen.Shuffle(Toolsets["office"]).Sample(static tools =>
        Assert.Equal(Said("Send Bob an email and delete the file.", "office"), Said("Send Bob an email and delete the file.", Guard.ToolsetOf(tools))), iter: 50);

    [Fact]
    public void WhatATextSaysNeverMatters() => Gen.String.Sample(static request =>
    {
        var tools = Guard.ToolsetOf(Toolsets["odd"]);
        Assert.Subset(tools.Tools.Select(static tool => tool.Name).ToHashSet(), AegisTask.Propose(request, tools).Tools.ToHashSet());
    }, iter: 2_000);

    [Fact]
    public void ALongRequestTakesTimeInProportion()
    {
        var tools = Guard.ToolsetOf(Enumerable.Range(0, 200).Select(static i => new ToolInfo($"send_thing_{(char)('a' + (i % 26))}{(char)('a' + (i / 26))}") { Description = string.Concat(Enumerable.Repeat("word ", 10_000)) }));
        Assert.Equal(200, AegisTask.Propose(string.Concat(Enumerable.Repeat("send ", 200_000)), tools).Tools.Count);
    }

    [Fact]
    public void HalfASurrogatePairAndFullWidthLettersAreRead()
    {
        Assert.Contains("send_email", AegisTask.Propose("\ud800 ＳＥＮＤ an email", Guard.ToolsetOf(Toolsets["office"])).Tools);
    }

    /// <summary>A verb that makes a tool dangerous is one by which a request can ask for it.</summary>
    [Fact]
    public void EveryVerbOfARiskStandsForAnAction()
    {
        using var stream = typeof(Toolset).Assembly.GetManifestResourceStream("tool-risk.json")!;
        using var document = JsonDocument.Parse(stream);
        var verbs = new[] { "High", "Medium" }.SelectMany(level => document.RootElement.GetProperty("verbs").GetProperty(level).EnumerateArray()).Select(static verb => verb.GetString()!);
        Assert.DoesNotContain(verbs, static verb => TaskWords.Default.OfVerb(verb).Count + TaskWords.Default.OfNoun(verb).Count == 0);
    }

    private static string Said(string request, string toolset) => Said(request, Guard.ToolsetOf(Toolsets[toolset]));

    private static string Said(string request, Toolset tools) => string.Join(' ', AegisTask.Propose(request, tools).Reasons.OrderBy(static reason => reason.Key, StringComparer.Ordinal).Select(static reason => $"{reason.Key}: {reason.Value}"));
}
