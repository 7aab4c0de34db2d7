using System.Collections.Concurrent;
using System.Net;
using Aegis.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Aegis.AspNetCore.Tests.Sessions;

public class AegisSessionMiddlewareTests
{
    private const string Ask = "/ask/{conversationId?}";

    [Fact]
    public async Task ARequestWorksInTheSessionOfItsUser()
    {
        await using var web = await Web.StartAsync(static app => app.MapGet(Ask, AskAsync));
        Assert.Equal("Done.", (await web.GetAsync("/ask/c1", "ada")).Body);
        Assert.Equal([new SessionId("c1", "ada")], web.Sessions);
    }

    [Fact]
    public async Task WhoeverIsNotSignedInIsAskedToAsTheAppDoesIt()
    {
        await using var web = await Web.StartAsync(static app => app.MapGet(Ask, AskAsync));
        var answer = await web.GetAsync("/ask/c1");
        Assert.Equal(HttpStatusCode.Unauthorized, answer.Status);
        Assert.Equal(["session/no-principal"], answer.Rules);
        Assert.Equal("Test", Assert.Single(answer.Headers["WWW-Authenticate"]));

        var page = await web.GetAsync("/ask/c1", null, (TestUsers.Browser, "yes"));
        Assert.Equal(HttpStatusCode.Found, page.Status);
        Assert.Equal("/sign-in", Assert.Single(page.Headers["Location"]));
        Assert.Empty(page.Body);
        Assert.Empty(web.Events);
    }

    [Fact]
    public async Task WithoutAWayToSignInItIsRefusedAllTheSame()
    {
        await using var services = new ServiceCollection().AddLogging().BuildServiceProvider();
        var ran = false;
        var app = new ApplicationBuilder(services);
        app.UseAegisSession();
        app.Run(_ =>
        {
            ran = true;
            return Task.CompletedTask;
        });
        using var body = new MemoryStream();
        var request = Requests.Of();
        request.RequestServices = services;
        request.Response.Body = body;
        await app.Build()(request);
        Assert.Equal(StatusCodes.Status401Unauthorized, request.Response.StatusCode);
        Assert.Contains("session/no-principal", System.Text.Encoding.UTF8.GetString(body.ToArray()), StringComparison.Ordinal);
        Assert.False(ran);
    }

    [Theory]
    [InlineData("/ask/MARK%0A", null)]
    [InlineData("/ask/MARK%C3%A9", null)]
    [InlineData("/ask/MARK%20x", null)]
    [InlineData("/ask/MARKMARKMARKMARKMARKMARKMARKMARKMARKMARKMARKMARKMARKMARKMARKMARKMARKMARKMARKMARKMARKMARKMARKMARKMARKMARKMARKMARKMARKMARKMARKMARKMARK", null)]
    [InlineData("/ask", 10_240)]
    [InlineData("/ask", 129)]
    public async Task ABadIdIsRefusedAndNotRepeated(string path, int? header)
    {
        await using var web = await Web.StartAsync(static app => app.MapGet(Ask, AskAsync));
        var answer = await (header is { } length ? web.GetAsync(path, "ada", ("X-Conversation-Id", $"MARK{new string('x', length - 4)}")) : web.GetAsync(path, "ada"));
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal(["session/bad-id"], answer.Rules);
        Assert.DoesNotContain("MARK", answer.Everything, StringComparison.Ordinal);
        Assert.Empty(web.Events);
    }

    [Fact]
    public async Task AnIdThatIsSaidTwiceIsRefused()
    {
        await using var web = await Web.StartAsync(static app => app.MapGet(Ask, AskAsync));
        Assert.Equal(["session/several-ids"], (await web.GetAsync("/ask/b", "ada", ("X-Conversation-Id", "a"))).Rules);
        Assert.Equal(["session/bad-id"], (await web.GetAsync("/ask", "ada", ("X-Conversation-Id", "a"), ("X-Conversation-Id", "b"))).Rules);   // "a, b": one header, as proxies and clients join two
        Assert.Contains("session/several-ids", await web.SendAsync("GET /ask HTTP/1.1\r\nHost: a\r\nX-User: ada\r\nX-Conversation-Id: a\r\nX-Conversation-Id: a\r\nConnection: close\r\n\r\n"), StringComparison.Ordinal);
        Assert.Empty(web.Events);
    }

    [Fact]
    public async Task TheIdOfSomebodyElseIsAnotherSession()
    {
        await using var web = await Web.StartAsync(static app => app.MapGet(Ask, AskAsync));
        await web.GetAsync("/ask/shared", "ada");
        await web.Guard.Sessions.QuarantineAsync(new("shared", "ada"), cancellationToken: TestContext.Current.CancellationToken);
        Assert.NotEqual("Done.", (await web.GetAsync("/ask/shared", "ada")).Body);
        Assert.Equal("Done.", (await web.GetAsync("/ask/shared", "ben")).Body);
        Assert.Equal([new SessionId("shared", "ada"), new SessionId("shared", "ben")], web.Sessions);
    }

    [Fact]
    public async Task ANewConversationIsToldAndGoesOn()
    {
        await using var web = await Web.StartAsync(static app => app.MapGet(Ask, AskAsync));
        var id = Assert.Single((await web.GetAsync("/ask", "ada")).Headers["X-Conversation-Id"]);
        Assert.False((await web.GetAsync("/ask", "ada", ("X-Conversation-Id", id))).Headers.ContainsKey("X-Conversation-Id"));
        Assert.Equal([new SessionId(id, "ada")], web.Sessions);
    }

    [Fact]
    public async Task VisitorsHaveSessionsThatNobodyElseCanName()
    {
        await using var web = await Web.StartAsync(static app => app.MapGet(Ask, AskAsync), options: new() { Anonymous = AnonymousUsers.Visitor });
        var cookie = Assert.Single((await web.GetAsync("/ask/c1")).Headers["Set-Cookie"]).Split(';')[0];
        Assert.Equal("Done.", (await web.GetAsync("/ask/c1", null, ("Cookie", cookie))).Body);
        var first = Assert.Single(web.Sessions);
        Assert.StartsWith("visitor-", first.Principal, StringComparison.Ordinal);

        Assert.Equal(["session/bad-visitor"], (await web.GetAsync("/ask/c1", null, ("Cookie", $"aegis-visitor={first.Principal}"))).Rules);
        await web.GetAsync("/ask/c1");
        await web.GetAsync("/ask/c1", "ada", ("Cookie", cookie));   // signed in since
        Assert.Equal(3, web.Sessions.Count);
        Assert.Equal("ada", web.Sessions[^1].Principal);
    }

    [Theory]
    [InlineData("/json/c1")]
    [InlineData("/events/c1")]
    [InlineData("/sky/c1")]
    public async Task TheSessionIsThereWhileTheResponseIsStillWritten(string path)
    {
        await using var web = await Web.StartAsync(
            static builder =>
            {
                builder.Services.AddControllers().AddApplicationPart(typeof(SkyController).Assembly);
                builder.Services.AddChatClient(new ScriptedChatClient(static (_, _) => ScriptedTurn.Say("The sky is blue."))).UseAegisFunctionInvocation();
            },
            static app =>
            {
                app.UseAegisSession();
                app.MapControllers();
                app.MapGet("/json/{conversationId}", static (IChatClient client) => StreamAsync(client));
                app.MapGet("/events/{conversationId}", static (IChatClient client) => TypedResults.ServerSentEvents(StreamAsync(client)));
            },
            AegisPolicy.Preset("balanced") with { Session = new() { Required = true } });
        var answer = await web.GetAsync(path, "ada");
        Assert.Contains("blu", answer.Body, StringComparison.Ordinal);
        Assert.Equal([new SessionId("c1", "ada")], web.Sessions);
        Assert.Contains(web.Events, static e => e.Checkpoint == Checkpoint.Output);
    }

    [Fact]
    public async Task ASubAgentWorksInTheSameSession()
    {
        var inner = new ScriptedChatClient(ScriptedTurn.Say("It rains."));
        var outer = new ScriptedChatClient(ScriptedTurn.Call("ask_colleague"), ScriptedTurn.Say("My colleague says that it rains."));
        await using var web = await Web.StartAsync(
            builder =>
            {
                builder.Services.AddChatClient(outer).UseAegisFunctionInvocation();
                builder.Services.AddKeyedChatClient("colleague", inner).UseAegisFunctionInvocation();
            },
            static app =>
            {
                app.UseAegisSession();
                app.MapGet(Ask, static async (IChatClient client, [FromKeyedServices("colleague")] IChatClient colleague) =>
                    (await client.GetResponseAsync("How is the weather?", new() { Tools = [AIFunctionFactory.Create(async () => (await colleague.GetResponseAsync("Look out of the window.")).Text, "ask_colleague")] })).Text);
            });
        Assert.Equal("My colleague says that it rains.", (await web.GetAsync("/ask/c1", "ada")).Body);
        Assert.Single(inner.Requests);
        Assert.Equal([new SessionId("c1", "ada")], web.Sessions);
        Assert.Equal(2, web.Events.Where(static e => e.Run != 0).Select(static e => e.Run).Distinct().Count());
    }

    [Fact]
    public async Task WorkThatARequestHasStartedStaysInItsSession()
    {
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task? work = null;
        await using var web = await Web.StartAsync(app => app.MapGet(Ask, (IChatClient client) =>
        {
            work = Task.Run(async () =>
            {
                await goOn.Task;
                await client.GetResponseAsync("Hi");
            });
            return "started";
        }));
        Assert.Equal("started", (await web.GetAsync("/ask/c1", "ada")).Body);
        Assert.Empty(web.Events);
        goOn.SetResult();
        await work!;
        Assert.Equal([new SessionId("c1", "ada")], web.Sessions);
    }

    [Fact]
    public async Task RequestsAtOnceDoNotMixTheirSessions()
    {
        const int Each = 25;
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var waiting = 0;
        var seen = new ConcurrentBag<(string? Said, SessionId? Session)>();
        await using var web = await Web.StartAsync(app => app.MapGet(Ask, async (HttpContext context, IChatClient client) =>
        {
            if (Interlocked.Increment(ref waiting) == 3 * Each)
            {
                all.SetResult();
            }

            await all.Task;   // all of them are inside now
            var said = context.Request.Headers["X-Said"].ToString();
            seen.Add((said, context.GetAegisSession()));
            return (await client.GetResponseAsync(said)).Text;
        }));
        (string Path, string User)[] askers = [("/ask/c1", "ada"), ("/ask/c2", "ada"), ("/ask/c1", "ben")];
        await Task.WhenAll(Enumerable.Range(0, Each).SelectMany(n => askers.Select(asker => web.GetAsync(asker.Path, asker.User, ("X-Said", $"{asker.User} {asker.Path[^2..]} {n}")))));
        Assert.Equal(3 * Each, seen.Count);
        Assert.All(seen, static one => Assert.StartsWith($"{one.Session!.Value.Principal} {one.Session.Value.Id} ", one.Said, StringComparison.Ordinal));
        Assert.Equal(3, web.Sessions.Count);
        Assert.All(web.Sessions.Select(session => web.Events.Count(e => e.Session == session && e.Checkpoint == Checkpoint.Input)), static count => Assert.Equal(Each, count));
    }

    [Fact]
    public async Task NothingOfASessionIsLeftForTheNextRequest()
    {
        await using var web = await Web.StartAsync(static app =>
        {
            app.MapGet(Ask, AskAsync);
            app.MapGet("/open", static async (HttpContext context, IChatClient client) => $"{context.GetAegisSession() is null} {(await client.GetResponseAsync("Hi")).Text}").DisableAegisSession();
        });
        await web.GetAsync("/ask/c1", "ada");
        Assert.Equal("True Done.", (await web.GetAsync("/open", "ada")).Body);   // on the same connection
        Assert.Equal(2, web.Sessions.Count);
        Assert.Null(web.Sessions[1].Principal);
    }

    [Fact]
    public async Task AControllerMayNeedNoSession()
    {
        await using var web = await Web.StartAsync(
            static builder =>
            {
                builder.Services.AddControllers().AddApplicationPart(typeof(SkyController).Assembly);
                builder.Services.AddChatClient(new ScriptedChatClient()).UseAegis();
            },
            static app =>
            {
                app.UseAegisSession();
                app.MapControllers();
            });
        Assert.Equal("open", (await web.GetAsync("/sky/open")).Body);
        Assert.Equal(HttpStatusCode.Unauthorized, (await web.GetAsync("/sky/c1")).Status);
    }

    [Fact]
    public async Task BeforeRoutingItSaysSo()
    {
        Exception? thrown = null;
        await using var web = await Web.StartAsync(
            static _ => { },
            app =>
            {
                app.Use(async (context, next) => thrown = await Record.ExceptionAsync(() => next(context)));
                app.UseAegisSession();
                app.UseRouting();
                app.MapGet(Ask, static () => "ran");
            });
        await web.GetAsync("/ask/c1", "ada");
        Assert.Contains("UseRouting", Assert.IsType<InvalidOperationException>(thrown).Message, StringComparison.Ordinal);
    }

    private static async Task<string> AskAsync(IChatClient client) => (await client.GetResponseAsync("Hi")).Text;

    private static async IAsyncEnumerable<string> StreamAsync(IChatClient client)
    {
        await foreach (var update in client.GetStreamingResponseAsync("What colour is the sky?"))
        {
            yield return update.Text;
        }
    }
}
