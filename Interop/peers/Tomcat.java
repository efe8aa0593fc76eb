// An echo server on Tomcat. Usage: Tomcat PORT
import jakarta.websocket.OnMessage;
import jakarta.websocket.OnOpen;
import jakarta.websocket.Session;
import jakarta.websocket.server.ServerContainer;
import jakarta.websocket.server.ServerEndpoint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import org.apache.catalina.Context;
import org.apache.tomcat.websocket.server.WsContextListener;

public class Tomcat {
  @ServerEndpoint("/")
  public static class Echo {
    @OnOpen
    public void open(Session session) {
      session.setMaxTextMessageBufferSize(1 << 20); // it is allocated for each connection
      session.setMaxBinaryMessageBufferSize(1 << 20);
    }

    @OnMessage
    public void text(Session session, String message) throws IOException {
      session.getBasicRemote().sendText(message);
    }

    @OnMessage
    public void binary(Session session, ByteBuffer message) throws IOException {
      session.getBasicRemote().sendBinary(message);
    }
  }

  /** The container of WebSocket endpoints, with ours in it. */
  public static class Listener extends WsContextListener {
    @Override
    public void contextInitialized(jakarta.servlet.ServletContextEvent event) {
      super.contextInitialized(event);
      var container = (ServerContainer) event.getServletContext()
          .getAttribute("jakarta.websocket.server.ServerContainer");
      try {
        container.addEndpoint(Echo.class);
      } catch (jakarta.websocket.DeploymentException error) {
        throw new IllegalStateException(error);
      }
    }
  }

  public static void main(String[] arguments) throws Exception {
    var tomcat = new org.apache.catalina.startup.Tomcat();
    tomcat.setBaseDir(Files.createTempDirectory("tomcat").toString());
    tomcat.setHostname("127.0.0.1");
    tomcat.setPort(Integer.parseInt(arguments[0]));
    tomcat.getConnector().setProperty("address", "127.0.0.1");
    Context context = tomcat.addContext("", null);
    context.addApplicationListener(Listener.class.getName());
    org.apache.catalina.startup.Tomcat.addServlet(
        context, "default", new org.apache.catalina.servlets.DefaultServlet());
    context.addServletMappingDecoded("/", "default");
    tomcat.start();
    tomcat.getServer().await();
  }
}
