using Aegis;
using GuardedAgent;
using JudgedAgent;
using Microsoft.Extensions.AI;
using Spectre.Console;

// A page has been read, so that provenance trusts no call that the user's words do not ask for by name. What lies between goes to a judge: one call serves
// the user's request in other words, one serves somebody else (the third is asked for by its word). With OPENAI_API_KEY a real model judges; the agent itself stays scripted, so that the calls are the same.
const string Task = "Read the page of the conference and see to it that I can go: a seat, and a note of the date where I find it again.";

var judge = Endpoint.IsConfigured ? Endpoint.Connect(args, offline: null) : LiteralJudge.Create();
var desk = new Desk();
var (questions, decisions) = (new Questions(judge), new Decisions());
var agent = BusyModel.Create().AsBuilder()
    .UseAegisFunctionInvocation(
        AegisPolicy.Preset("balanced") with
        {
            Capabilities = new() { Allow = ["*"] },
            Judge = new() { AnswersQuestions = true, Timeout = TimeSpan.FromSeconds(Endpoint.IsConfigured ? 20 : 3) },
        },
        aegis => aegis.UseJudge(questions).AddSink(decisions))
    .Build();

using (AegisScope.Begin("conversation-1", principal: "user-42"))
{
    Console.WriteLine(await agent.GetResponseAsync(Task, new() { Tools = desk.Tools }));
}

AnsiConsole.Profile.Width = Math.Max(AnsiConsole.Profile.Width, 100);
decisions.Show();
Console.WriteLine($"The judge was asked {questions.Asked} times. Private values stood behind labels: {questions.Seen}");
Console.WriteLine($"Done: {string.Join(", ", desk.Done)}.");
return Endpoint.IsConfigured || desk.Done is ["reserve_seat", "add_reminder"] ? 0 : 1;
