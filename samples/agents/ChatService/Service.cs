using Aegis;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.AI;

namespace ChatService;

/// <summary>The service, put together.</summary>
internal static class Service
{
    private const long LargestRequest = 64 * 1024;

    public static WebApplication Build(string[] args, Func<IConfiguration, IChatClient> model)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Limits.MaxRequestBodySize = LargestRequest);

        builder.Services.AddAuthentication("Demo").AddScheme<AuthenticationSchemeOptions, DemoKeys>("Demo", null);
        builder.Services.AddAuthorization();
        builder.Services.AddProblemDetails();
        builder.Services.AddExceptionHandler<AegisExceptionHandler>();

        var policy = Path.Combine(AppContext.BaseDirectory, "chat.policy.json");
        builder.Services.AddSharing(builder.Services.AddAegis(AegisPolicy.Load(policy)).ReloadFrom(policy), builder.Configuration);
        builder.Services.AddHealthChecks().AddAegis();
        builder.Services.AddChatClient(_ => model(builder.Configuration)).UseAegisFunctionInvocation();
        builder.Services.AddSingleton<Chat>();

        var app = builder.Build();
        app.UseExceptionHandler();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseAegisSession();

        app.MapHealthChecks("/health").DisableAegisSession();
        app.MapHealthChecks("/health/live", new() { Predicate = static _ => false }).DisableAegisSession();   // a restart mends nothing that a check finds
        app.MapHealthChecks("/health/ready", new() { Predicate = static check => check.Tags.Contains("ready") }).DisableAegisSession();
        app.MapPost("/chat/{conversationId}", static IResult (ChatRequest request, Chat chat, HttpContext context) =>
            request.Message is { Length: > 0 } message && context.GetAegisSession() is { } session
                ? TypedResults.ServerSentEvents(chat.AnswerAsync(session, message, context.RequestAborted))
                : TypedResults.Problem(title: "The request has no message.", statusCode: StatusCodes.Status400BadRequest)).RequireAuthorization();
        return app;
    }
}
