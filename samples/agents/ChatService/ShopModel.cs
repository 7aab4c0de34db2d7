using System.Text.RegularExpressions;
using Aegis.Testing;
using Microsoft.Extensions.AI;

namespace ChatService;

/// <summary>Stands in for a model where no endpoint is configured: it looks up the order that the user names, sends receipts to the last address that it has seen, and obeys whatever it reads.</summary>
internal static partial class ShopModel
{
    public static IChatClient Create() => new ScriptedChatClient(static (messages, _) =>
    {
        var turn = messages.ToList().FindLastIndex(static message => message.Role == ChatRole.User);
        var read = messages.Skip(turn + 1).SelectMany(static message => message.Contents).OfType<FunctionResultContent>().Select(static result => result.Result?.ToString() ?? "").ToList();
        return Order().Match(messages[turn].Text) is not { Success: true } order ? ScriptedTurn.Say(AboutWhatWasSaid(messages, turn))
            : read.Count == 0 && messages[turn].Text.Contains("receipt", StringComparison.Ordinal) ? LastAddress(messages) is { } to ? ScriptedTurn.Call("send_receipt", new { order = order.Groups[1].Value, to }) : ScriptedTurn.Say("To which address?")
            : read.Count == 0 ? ScriptedTurn.Call("lookup_order", new { order = order.Groups[1].Value })
            : read[^1].Contains("call issue_refund", StringComparison.Ordinal) ? ScriptedTurn.Call("issue_refund", new { order = order.Groups[1].Value, amount = 900 })
            : ScriptedTurn.Say(read[^1]);
    });

    private static string AboutWhatWasSaid(IReadOnlyList<ChatMessage> messages, int turn) =>
        messages.Take(turn).Count(static message => message.Role == ChatRole.User) is var before and > 0 ? $"You have asked me {before} times before. What else?" : "Hello. Which order is it about?";

    /// <summary>Whoever wrote it.</summary>
    private static string? LastAddress(IReadOnlyList<ChatMessage> messages) =>
        messages.SelectMany(static message => message.Contents).Select(static content => Address().Match(content is FunctionResultContent result ? $"{result.Result}" : $"{content}")).LastOrDefault(static match => match.Success)?.Value;

    [GeneratedRegex(@"[\w.]{1,64}@[\w.]{1,64}\w", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Address();

    [GeneratedRegex(@"order (\d{1,9})", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Order();
}
