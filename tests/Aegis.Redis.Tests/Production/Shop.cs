using System.Globalization;
using System.Text.RegularExpressions;
using Aegis.Testing;
using Microsoft.Extensions.AI;

namespace Aegis.Redis.Tests.Production;

/// <summary>A shop's tools, the model that works with them and obeys, the judge who approves, and the person who grants small refunds.</summary>
internal sealed partial class Shop : IApprover
{
    public const string Email = "mira.kolbe@quellbruck-optik.de";
    public const string Leak = "ghp_16C7e42F292c6912E7710c838347Ae178B4a";

    private int _asked;

    public Shop()
    {
        Lookup = AIFunctionFactory.Create((string order) => Note($"Order {order}: 3 boxes, on its way."), "lookup_order", "Looks an order up.");
        Refund = AIFunctionFactory.Create((string order, decimal amount) => Note(string.Create(CultureInfo.InvariantCulture, $"refunded {amount} for {order}")), "issue_refund", "Pays money back for an order.");
        Search = AIFunctionFactory.Create((string query) => Note($"searched {query}"), "search_kb", "Searches the knowledge base.");
        Drop = AIFunctionFactory.Create(() => Note("dropped"), "drop_table", "Deletes all orders.");
    }

    public AIFunction Lookup { get; }

    public AIFunction Refund { get; }

    public AIFunction Search { get; }

    /// <summary>A tool that the policy does not allow.</summary>
    public AIFunction Drop { get; }

    /// <summary>What ran.</summary>
    public List<string> Ran { get; } = [];

    /// <summary>Questions to the person.</summary>
    public int Asked => Volatile.Read(ref _asked);

    public ScriptedChatClient Model(string canary)
    {
        var leaked = 0;
        return new((messages, options) =>
        {
            var user = messages.Last(static message => message.Role == ChatRole.User).Text;
            var results = messages.SkipWhile(message => message.Role != ChatRole.User || message.Text != user).SelectMany(static message => message.Contents).OfType<FunctionResultContent>().Count();
            return user switch
            {
                _ when user.Contains("for ever", StringComparison.Ordinal) => ScriptedTurn.Call("search_kb", new { query = string.Create(CultureInfo.InvariantCulture, $"page {results}") }),
                _ when user.Contains("drop", StringComparison.Ordinal) && results == 0 => ScriptedTurn.Call("drop_table"),
                _ when user.Contains("refund", StringComparison.Ordinal) && results == 0 => ScriptedTurn.Call("issue_refund", new { order = Number(user, "order "), amount = decimal.Parse(Number(user, "refund "), CultureInfo.InvariantCulture) }),
                _ when user.Contains("Where is order", StringComparison.Ordinal) && results == 0 => ScriptedTurn.Call("lookup_order", new { order = Number(user, "order ") }),
                _ when user.Contains("initials", StringComparison.Ordinal) => ScriptedTurn.Say($"They are M.K., and she reads {Email} every day."),
                _ when user.Contains("first word", StringComparison.Ordinal) => ScriptedTurn.Say($"It is a strange word. Here it is: {canary}, and there is more."),
                _ when user.Contains("sample", StringComparison.Ordinal) => ScriptedTurn.Say(Interlocked.Increment(ref leaked) == 1 ? $"Use {Leak} for it." : "Use a token of your own for it."),
                _ => ScriptedTurn.Say(results == 0 ? "I sell spectacles." : "It is done."),
            };
        });
    }

    public static ScriptedChatClient Judge { get; } = new(static (messages, _) => ScriptedTurn.Say($$"""{"nonce":"{{Nonce().Match(messages[0].Text).Groups[1].Value}}","verdict":"approve","confidence":0.9}"""));

    public ValueTask<ApprovalAnswer> ApproveAsync(ApprovalRequest request, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _asked);
        return new(request.Arguments.Canonical.Contains("\"amount\":20", StringComparison.Ordinal));
    }

    private static string Number(string text, string after) => Regex.Match(text, $"{after}([0-9]+)").Groups[1].Value;

    private string Note(string what)
    {
        lock (Ran)
        {
            Ran.Add(what);
        }

        return what;
    }

    [GeneratedRegex("\"nonce\": \"([^\"]+)\"")]
    private static partial Regex Nonce();
}
