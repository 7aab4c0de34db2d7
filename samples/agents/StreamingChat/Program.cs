using Aegis.Testing;
using GuardedAgent;
using Microsoft.Extensions.AI;
using Spectre.Console;
using StreamingChat;

// Answers are streamed to the terminal. One holds an e-mail address, an IBAN and a card number, one a secret, cut over many small chunks.
// First without Aegis, then with it. Nothing else changes.
await using var offline = Endpoint.IsConfigured ? null : await LoopbackOpenAIServer.StartAsync(TalkativeModel.Create(), CancellationToken.None);
var model = Endpoint.Connect(args, offline);
var questions = Endpoint.IsConfigured ? [Terminal.Ask()] : TalkativeModel.Questions;

var bare = await ChatAsync("Without Aegis", model);
var guarded = await ChatAsync("With Aegis", model.AsBuilder().UseAegis().Build());
return guarded == 0 && (Endpoint.IsConfigured || bare == TalkativeModel.Protected.Count) ? 0 : 1;

async Task<int> ChatAsync(string title, IChatClient client)
{
    AnsiConsole.Write(new Rule(title));
    var terminal = new Terminal();
    foreach (var question in questions)
    {
        await terminal.ShowAsync(question, client.GetStreamingResponseAsync(question));
    }

    return terminal.Leaked(TalkativeModel.Protected);
}
